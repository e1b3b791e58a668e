package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// maxInput bounds what is read of a file or of stdin for one record: well beyond what a
// node takes, so that it is the node that says by how much it is too long.
const maxInput = 4 << 20

// readInput reads a file; the dash is in.
func readInput(file string, in io.Reader) ([]byte, error) {
	r := in
	if file != "-" || in == nil {
		f, err := os.Open(file)
		if err != nil {
			return nil, &api.Problem{Kind: api.NotFound, Detail: err.Error(), Mend: "name a file that is there", Next: "ls " + file, Err: err}
		}
		defer f.Close() //nolint:errcheck // only read
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = &api.Problem{Kind: api.Usage, Detail: fmt.Sprintf("%s is longer than %d bytes", file, maxInput), Next: "vardar publish --help"}
	}
	return data, err
}

// instant reads a moment as a person writes it: RFC 3339, a day, a day and an hour in local
// time, or how long ago: 24h, 7d.
func (a *app) instant(cmd *cobra.Command, flag, s string) (protocol.Instant, error) {
	if s == "" {
		return 0, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return protocol.InstantOf(t), nil
		}
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 {
			return protocol.InstantOf(a.now().AddDate(0, 0, -n)), nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return protocol.InstantOf(a.now().Add(-d)), nil
	}
	return 0, usage(cmd, fmt.Sprintf("--%s %s is no moment: want 2006-01-02, 2006-01-02T15:04, 2006-01-02T15:04:05Z, or how long ago: 24h, 7d", flag, s))
}
