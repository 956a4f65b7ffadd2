import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const SITE_ROOT = process.env["SITE_ROOT"] ?? resolve(import.meta.dirname, "../target/site");
const COMPRESSED = [".js", ".css", ".wasm"];
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/**
 * Compresses the browser files once, as a release build does. Without this the debug
 * server compresses them for every page, which costs more than rendering the page.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const site = await mkdtemp(join(tmpdir(), "orchestrator-site-"));
  await cp(SITE_ROOT, site, { recursive: true });
  for (const entry of await readdir(site, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && COMPRESSED.includes(extname(path))) {
      const content = await readFile(path);
      await writeFile(`${path}.br`, brotliCompressSync(content, BROTLI));
      await writeFile(`${path}.gz`, gzipSync(content));
    }
  }
  process.env["SITE_ROOT"] = site;
  return () => rm(site, { recursive: true, force: true });
}
