package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"

	"github.com/vardar-network/vardar/node/api"
)

const (
	// serviceName is what Windows calls the node.
	serviceName = "vardar"
	// serviceAccount is a virtual account: Windows makes it with the service, without a password.
	serviceAccount = `NT SERVICE\` + serviceName
	// againAfter is how long Windows waits before it starts a node again that has failed.
	againAfter = 5 * time.Second
	// failuresForget is after how many seconds without a failure Windows counts anew.
	failuresForget = 24 * 60 * 60
	// stopWait is how long 'remove' waits for the node to stop: what is under way may end.
	stopWait = 90 * time.Second
	// eventSaid is the number of every line in the event log: what counts is its text.
	eventSaid = 1
)

// asService runs a command for the service manager, if that has started this process.
func asService(w world, args []string) (code int, is bool) {
	if is, err := svc.IsWindowsService(); err != nil || !is {
		return 0, false
	}
	if log, err := eventlog.Open(serviceName); err == nil {
		defer func() { _ = log.Close() }()
		w.out, w.err = events{log}, events{log}
	}
	s := &service{w: w, args: args}
	if err := svc.Run(serviceName, s); err != nil {
		return codeFailed, true
	}
	return s.code, true
}

// events writes lines into the event log.
type events struct{ log *eventlog.Log }

// Write writes one entry.
func (e events) Write(b []byte) (int, error) {
	return len(b), e.log.Info(eventSaid, strings.TrimSpace(string(b)))
}

var _ io.Writer = events{}

// service is a command that the service manager starts and stops.
type service struct {
	w    world
	args []string
	code int
}

// Execute runs the command until it ends, or the manager has it stop. The exit code is the
// command's own, so that Windows starts again what has failed.
func (s *service) Execute(_ []string, asked <-chan svc.ChangeRequest, state chan<- svc.Status) (bool, uint32) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan int, 1)
	go func() { done <- execute(ctx, s.w, s.args) }()
	running := svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	state <- running
	for {
		select {
		case s.code = <-done:
			return s.code != codeDone, uint32(s.code) //nolint:gosec // exit codes are small
		case r := <-asked:
			switch r.Cmd {
			case svc.Interrogate:
				state <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				state <- svc.Status{State: svc.StopPending, WaitHint: uint32(stopWait.Milliseconds())}
				stop()
			}
		}
	}
}

func (a *app) installService(dir string, args []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	m, err := mgr.Connect()
	if err != nil {
		return notAdministrator(err)
	}
	defer func() { _ = m.Disconnect() }()
	s, err := m.CreateService(serviceName, program, mgr.Config{
		DisplayName: "Vardar node", Description: "Exchanges signed records between institutions.",
		StartType: mgr.StartAutomatic, DelayedAutoStart: true, ServiceStartName: serviceAccount,
	}, args...)
	switch {
	case errors.Is(err, windows.ERROR_SERVICE_EXISTS):
		return &api.Problem{Kind: api.Refused, Detail: "the service is there already", Mend: "take it away first", Next: "vardar service remove", Err: err}
	case err != nil:
		return notAdministrator(err)
	}
	defer func() { _ = s.Close() }()
	again := []mgr.RecoveryAction{{Type: mgr.ServiceRestart, Delay: againAfter}}
	err = errors.Join(s.SetRecoveryActions(again, failuresForget), s.SetRecoveryActionsOnNonCrashFailures(true))
	if err == nil {
		err = eventlog.InstallAsEventCreate(serviceName, eventlog.Info|eventlog.Warning|eventlog.Error)
	}
	if err != nil {
		return errors.Join(err, s.Delete())
	}
	line(a.out, "the service is made; let its account into the folder, then start it:")
	line(a.out, "  icacls %q /grant %q:(OI)(CI)F", dir, serviceAccount)
	line(a.out, "  sc start %s", serviceName)
	return nil
}

func (a *app) removeService() error {
	m, err := mgr.Connect()
	if err != nil {
		return notAdministrator(err)
	}
	defer func() { _ = m.Disconnect() }()
	s, err := m.OpenService(serviceName)
	switch {
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		return &api.Problem{Kind: api.NotFound, Detail: "there is no service " + serviceName, Next: "vardar service install", Err: err}
	case err != nil:
		return notAdministrator(err)
	}
	defer func() { _ = s.Close() }()
	if err := stopped(s); err != nil {
		return err
	}
	if err := errors.Join(s.Delete(), eventlog.Remove(serviceName)); err != nil {
		return err
	}
	line(a.out, "the service is taken away; the node's folder stays")
	return nil
}

// stopped has a service stop, and waits for it.
func stopped(s *mgr.Service) error {
	_, err := s.Control(svc.Stop)
	if errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return nil
	}
	if err != nil {
		return notAdministrator(err)
	}
	for waited := time.Duration(0); waited < stopWait; waited += lookAgain {
		state, err := s.Query()
		if err != nil || state.State == svc.Stopped {
			return err
		}
		time.Sleep(lookAgain)
	}
	return fmt.Errorf("the service has not stopped within %s", stopWait)
}

// lookAgain is how often a service that stops is looked at.
const lookAgain = 200 * time.Millisecond

func notAdministrator(err error) error {
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return &api.Problem{Kind: api.NotPermitted, Detail: "Windows lets administrators alone change services", Mend: "ask from a terminal that was opened as administrator", Err: err}
	}
	return err
}
