//! People, as small round initials.

use domain::case::upper;
use domain::wire::presence::Person;
use leptos::prelude::*;

use crate::reactive::{For, Show, view};

/// Initials shown at most; the rest is a number.
const MAX_SHOWN: usize = 3;

/// The other people who have an order open.
#[component]
pub fn People(
    /// The people.
    people: Signal<Vec<Person>>,
) -> impl IntoView {
    let shown = move || -> Vec<Person> {
        people.with(|people| people.iter().take(MAX_SHOWN).cloned().collect())
    };
    let more = move || people.with(|people| people.len().saturating_sub(MAX_SHOWN));
    view! {
        <Show when=move || people.with(|people| !people.is_empty())>
            <span class="people" role="img" aria-label=move || people.with(|people| sentence(people))>
                <For each=shown key=|person| format!("{person:?}") let(person)>
                    <span
                        class="avatar"
                        data-doing=person.doing.as_str()
                        title=format!("{} is {}", person.name, person.doing.as_str())
                    >
                        {initials(&person.name)}
                    </span>
                </For>
                <Show when=move || { more() > 0 }>
                    <span class="avatar avatar--more">{move || format!("+{}", more())}</span>
                </Show>
            </span>
        </Show>
    }
}

/// `Ada is editing this order, Grace is viewing it`.
pub fn sentence(people: &[Person]) -> String {
    let mut parts = Vec::with_capacity(people.len());
    for person in people {
        let order = if parts.is_empty() { "this order" } else { "it" };
        parts.push(format!(
            "{} is {} {order}",
            person.name,
            person.doing.as_str()
        ));
    }
    parts.join(", ")
}

/// The first letters of the first and the last word.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    let letters = first.into_iter().chain(last);
    upper(&letters.collect::<String>())
}

#[cfg(test)]
mod tests {
    use domain::wire::presence::Doing;

    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_last_word() {
        assert_eq!(initials("ada augusta byron"), "AB");
        assert_eq!(initials("Ægir"), "Æ");
        assert_eq!(initials("Guest 42"), "G4");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_sentence_names_every_person_and_what_they_do() {
        let person = |name: &str, doing| Person {
            doing,
            name: name.into(),
            id: name.into(),
        };
        let people = [
            person("Ada", Doing::Editing),
            person("Grace", Doing::Viewing),
        ];
        assert_eq!(
            sentence(&people),
            "Ada is editing this order, Grace is viewing it"
        );
    }
}
