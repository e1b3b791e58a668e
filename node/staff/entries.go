package staff

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// entry is one value of the bucket.
type entry[T any] struct {
	key   []byte
	value T
}

// entries gives what lies under a prefix, by key; after an error it ends.
func entries[T any](ctx context.Context, kept Kept, prefix string) iter.Seq2[entry[T], error] {
	return func(yield func(entry[T], error) bool) {
		for pair, err := range kept.Each(ctx, []byte(prefix)) {
			e := entry[T]{key: pair[0]}
			if err == nil {
				err = json.Unmarshal(pair[1], &e.value)
			}
			if err != nil {
				yield(e, fmt.Errorf("%s: %w", prefix, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}
