package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vardar-network/vardar/node/api"
)

// badFlag says what is wrong with an option. One that would do nothing here is refused,
// with the commands where it works.
func badFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return usage(cmd, unknownFlag(cmd, unknown.GetSpecifiedName()))
	case errors.As(err, &value):
		f := value.GetFlag()
		return usage(cmd, fmt.Sprintf("--%s %s: %s", f.Name, value.GetValue(), wanted(f, value)))
	}
	return usage(cmd, err.Error())
}

// wanted says what a flag's value is to be.
func wanted(f *pflag.Flag, err *pflag.InvalidValueError) string {
	switch f.Value.Type() {
	case "int":
		return "want a whole number"
	case "duration":
		return "want a length of time, such as 30s, 5m or 48h"
	case "bool":
		return "want true or false"
	}
	return errors.Unwrap(err).Error()
}

func unknownFlag(cmd *cobra.Command, name string) string {
	if works := commandsWith(cmd.Root(), name); len(works) > 0 {
		return fmt.Sprintf("--%s does nothing here: it works with %s", name, strings.Join(works, ", "))
	}
	var names []string
	known := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.LocalFlags().VisitAll(known)
	cmd.InheritedFlags().VisitAll(known)
	if near := api.Nearest(name, names); near != "" {
		return fmt.Sprintf("there is no --%s: did you mean --%s?", name, near)
	}
	return "there is no --" + name
}

// commandsWith names the commands that take a flag.
func commandsWith(cmd *cobra.Command, flag string) []string {
	var out []string
	if cmd.LocalNonPersistentFlags().Lookup(flag) != nil {
		out = append(out, strings.TrimPrefix(cmd.CommandPath(), "vardar "))
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			out = slices.Concat(out, commandsWith(sub, flag))
		}
	}
	return out
}
