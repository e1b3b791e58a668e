package body

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Members gives what a body says by the paths of its members, sorted, entries of lists without
// their numbers: info.area.polygon. It is what a foreign format is held to: what it has no
// place for is told as lost. The salt says nothing, and is left out.
func Members(raw []byte) ([]string, error) {
	var read map[string]any
	if err := json.Unmarshal(raw, &read); err != nil {
		return nil, fmt.Errorf("members of a body: %w", err)
	}
	delete(read, "salt")
	found := map[string]bool{}
	addMembers(found, "", read)
	return slices.Sorted(maps.Keys(found)), nil
}

func addMembers(out map[string]bool, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, of := range v {
			addMembers(out, strings.TrimPrefix(path+"."+name, "."), of)
		}
	case []any:
		for _, of := range v {
			addMembers(out, path, of)
		}
	case nil:
	default:
		out[path] = true
	}
}
