package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

const (
	// serviceName is what Windows calls the node.
	serviceName = "vardar"
	// serviceAccount is a virtual account: Windows makes it with the service, without a password.
	serviceAccount = `NT SERVICE\` + serviceName
	// stopWait is how long 'remove' waits for the node to stop: what is under way may end.
	stopWait = 90 * time.Second
	// lookAgain is how often a service that stops is looked at.
	lookAgain = 200 * time.Millisecond
)

// What a service manager says no with.
var (
	errServiceThere   = errors.New("the service is there already")
	errNoSuchService  = errors.New("there is no service " + serviceName)
	errAdministrators = errors.New("Windows lets administrators alone change services")
)

// serviceManager is what Windows does with the node's service.
type serviceManager interface {
	Create(program string, args []string) error // wholly, or nothing; [errServiceThere]
	Stop() error                                // asks it to; of one that does not run nothing; [errNoSuchService]
	Stopped() (bool, error)
	Delete() error
	Close() error
}

func newService(a *app) *cobra.Command {
	cmd := a.group("service", "Have Windows keep the node running",
		"On Windows the node runs as a service, from the start of the machine on. On other systems systemd or launchd does that.")
	cmd.AddCommand(
		&cobra.Command{
			Use: "install", Short: "Make the service, to start with the machine", Args: wants(),
			Long: "Makes a service that runs the node of a folder, under an account of its own (NT SERVICE\\vardar), from the next start of\n" +
				"the machine on, and again when it fails. What it logs goes to the event log. It starts nothing now.",
			Example: "  vardar --dir C:\\ProgramData\\vardar service install",
			RunE: func(_ *cobra.Command, _ []string) error {
				s, err := a.settle(nil)
				if err != nil {
					return err
				}
				args, err := a.serviceArgs(s)
				if err != nil {
					return err
				}
				return withServices(func(m serviceManager) error { return a.installService(m, args) })
			},
		},
		&cobra.Command{
			Use: "remove", Short: "Stop the service and take it away", Args: wants(),
			Long:    "Stops the service and takes it away. The node's folder stays.",
			Example: "  vardar service remove",
			RunE: func(_ *cobra.Command, _ []string) error {
				return withServices(func(m serviceManager) error { return a.removeService(m, time.Sleep) })
			},
		},
	)
	return cmd
}

// withServices opens the service manager of this machine for an act.
func withServices(do func(serviceManager) error) error {
	m, err := openServices()
	if err != nil {
		return serviceProblem(err)
	}
	defer m.Close() //nolint:errcheck // the act is done
	return serviceProblem(do(m))
}

// serviceArgs are the arguments with which the service runs the node: it is started from
// another folder, so that each path is a whole one. The folder is the second of them.
func (a *app) serviceArgs(s settings) ([]string, error) {
	dir, err := filepath.Abs(s.one(setDir))
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, &api.Problem{Kind: api.NotFound, Field: setDir, Detail: "there is no folder " + dir, Mend: "make the node first", Next: "vardar init --help"}
	}
	args := []string{"--dir", dir}
	if a.shared.config != "" {
		config, err := filepath.Abs(a.shared.config)
		if err != nil {
			return nil, err
		}
		args = append(args, "--config", config)
	}
	return append(args, "run"), nil
}

func (a *app) installService(m serviceManager, args []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if err := m.Create(program, args); err != nil {
		return err
	}
	line(a.out, "the service is made; let its account into the folder, then start it:")
	line(a.out, "  %s", letIn(args[1]))
	line(a.out, "  sc start %s", serviceName)
	return nil
}

// letIn is the command that lets the service's account into a folder.
func letIn(dir string) string {
	return `icacls "` + dir + `" /grant "` + serviceAccount + `:(OI)(CI)F"`
}

func (a *app) removeService(m serviceManager, sleep func(time.Duration)) error {
	if err := m.Stop(); err != nil {
		return err
	}
	stopped, err := m.Stopped()
	for waited := time.Duration(0); err == nil && !stopped; waited += lookAgain {
		if waited >= stopWait {
			return fmt.Errorf("the service has not stopped within %s", stopWait)
		}
		sleep(lookAgain)
		stopped, err = m.Stopped()
	}
	if err == nil {
		err = m.Delete()
	}
	if err == nil {
		line(a.out, "the service is taken away; the node's folder stays")
	}
	return err
}

// serviceProblem says what to do about a no of the service manager.
func serviceProblem(err error) error {
	switch {
	case errors.Is(err, errServiceThere):
		return &api.Problem{Kind: api.Refused, Detail: errServiceThere.Error(), Mend: "take it away first", Next: "vardar service remove", Err: err}
	case errors.Is(err, errNoSuchService):
		return &api.Problem{Kind: api.NotFound, Detail: errNoSuchService.Error(), Next: "vardar service install", Err: err}
	case errors.Is(err, errAdministrators):
		return &api.Problem{Kind: api.NotPermitted, Detail: errAdministrators.Error(), Mend: "ask from a terminal that was opened as administrator", Err: err}
	}
	return err
}

// attend runs a command for a service manager until it ends, and gives its exit code. Of what it
// is asked meanwhile, answer tells whether it is to stop.
func attend[R any](run func(context.Context) int, asked <-chan R, answer func(R) (stop bool)) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan int, 1)
	go func() { done <- run(ctx) }()
	for {
		select {
		case code := <-done:
			return code
		case r := <-asked:
			if answer(r) {
				stop()
			}
		}
	}
}

// serviceEnd is how a service ends with an exit code, as Windows is told: with a code of its own
// if it has failed, so that it is started again.
func serviceEnd(code int) (own bool, exit uint32) {
	return code != codeDone, uint32(code) //nolint:gosec // exit codes are small
}
