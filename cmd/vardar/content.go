package main

import (
	"bytes"
	"encoding/json"
)

// withoutFiles gives a body without what stands in its attached files: their names, types, sizes and digests stay. They
// are in the body of a practice, and in that of a correction of one. What can't be read is given as it is.
func withoutFiles(raw json.RawMessage) json.RawMessage {
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&doc) != nil {
		return raw
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	replacement, _ := doc["replacement"].(map[string]any)
	if empty(doc)+empty(replacement) == 0 || e.Encode(doc) != nil {
		return raw
	}
	return bytes.TrimSpace(out.Bytes())
}

// empty takes out of a document what stands in its attached files, and says of how many.
func empty(doc map[string]any) (files int) {
	attached, _ := doc["attachments"].([]any)
	for _, a := range attached {
		if file, ok := a.(map[string]any); ok && file["content"] != nil {
			delete(file, "content")
			files++
		}
	}
	return files
}
