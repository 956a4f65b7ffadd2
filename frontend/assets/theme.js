// Applies a chosen theme before the first paint; without one, the system's.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Storage is forbidden: the system's theme it is.
}
