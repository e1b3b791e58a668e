package desk

import (
	"encoding/json"
	"fmt"
	"strings"
)

// take puts what a document says into the fields.
func (f *Form) take(doc map[string]any) {
	for i := range f.Fields {
		if f.Fields[i].As == AsWords {
			var words []string
			all, _ := doc[f.Fields[i].Name].([]any)
			for _, w := range all {
				words = append(words, fmt.Sprint(w))
			}
			f.Fields[i].Value = strings.Join(words, ",")
			continue
		}
		if f.Fields[i].As == AsLines {
			all, _ := doc[f.Fields[i].Name].([]any)
			f.Fields[i].Value = linesSaid(all)
			continue
		}
		if v := said(doc, strings.Split(f.Fields[i].Name, ".")); v != "" {
			f.Fields[i].Value = v
			f.Fields[i].withWord()
		}
	}
}

// linesSaid gives names of records as a person types them, one a line; that of a line of a plan with its number.
func linesSaid(all []any) string {
	var out []string
	for _, entry := range all {
		if line, ok := entry.(map[string]any); ok {
			entry = fmt.Sprintf("%s %s", line["plan"], line["line"])
		}
		out = append(out, fmt.Sprint(entry))
	}
	return strings.Join(out, "\n")
}

// said gives what stands at a path of a document as a person types it; empty for nothing.
func said(now any, steps []string) string {
	switch v := now.(type) {
	case map[string]any:
		if len(steps) > 0 {
			return said(v[steps[0]], steps[1:])
		}
		if scheme, ok := v["scheme"].(string); ok {
			return scheme + ":" + fmt.Sprint(v["code"])
		}
		if lt, ok := v["lt"]; ok {
			return "<" + fmt.Sprint(lt)
		}
	case []any:
		for i, entry := range v {
			if len(steps) == 0 {
				return fmt.Sprint(entry) // of a list of words the first
			}
			figure, _ := entry.(map[string]any)
			if fmt.Sprint(i) == steps[0] {
				return said(entry, steps[1:])
			} else if figure["indicator"] == steps[0] && figure["by"] == nil {
				return said(figure["value"], nil)
			}
		}
	case string:
		return v
	case bool, json.Number:
		return fmt.Sprint(v)
	}
	return ""
}
