package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
)

// newCheckStore is the child process that looks at a store's file: one that is damaged can
// end the process that maps it, and that must not be the node.
func newCheckStore(*app) *cobra.Command {
	return &cobra.Command{
		Use: "check-store FILE", Short: "Look at the file of a store that nobody has open", Hidden: true, Args: wants("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			p := node.Problem(node.CheckStoreFile(args[0]), "")
			if p == nil {
				return nil
			}
			p.Mend = "" // the node says how to mend it
			return p
		},
	}
}

// checkStore runs that child. A file that is not there yet has nothing to look at.
func checkStore(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program to look at %s with: %w", path, err)
	}
	var said strings.Builder
	child := exec.CommandContext(ctx, self, "check-store", path)
	child.Stderr = &said
	err = child.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !errors.As(err, &ended):
		return fmt.Errorf("look at %s: %w", path, err)
	case ended.ExitCode() == codeRefused: // another process has it open: opening says so better
		return nil
	case ended.ExitCode() == codeCheckFound:
		return fmt.Errorf("%w: %s", node.ErrIndexes, firstWords(said.String()))
	case ended.ExitCode() == codeDamaged:
		return errors.New(firstWords(said.String()))
	}
	// It crashed: that is an answer too.
	return &api.Problem{Kind: api.Damaged, Detail: fmt.Sprintf("%s can't be read: the process that looked at it ended with %s", path, ended), Mend: "keep the file as it is for who looks into it; restore a backup in a new folder, and peers give the rest back", Next: "vardar backup restore --help", Err: err}
}

// firstWords gives what a child said was wrong.
func firstWords(said string) string {
	first, _, _ := strings.Cut(said, "\ntry:")
	return strings.TrimPrefix(first, "vardar: ")
}
