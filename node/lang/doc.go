// Package lang says the pages' messages in a reader's language.
//
// A catalogue is one file a language, catalogues/en.json, its keys the places of messages
// (situation.empty) and its values texts, or texts by plural form. English is the source: a
// message that another language lacks is said in English. What the rooms below the pages say in
// English, a refusal or a finding, is known by its own words: sentences/mk.json. Names of countries, places and
// institutions are data, and never here.
package lang
