package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"
)

// What is decided of the service stands in service.go, and is tested everywhere; here are the calls.

const (
	// againAfter is how long Windows waits before it starts a node again that has failed.
	againAfter = 5 * time.Second
	// failuresForget is after how many seconds without a failure Windows counts anew.
	failuresForget = 24 * 60 * 60
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

// Execute runs the command until it ends, or the manager has it stop.
func (s *service) Execute(_ []string, asked <-chan svc.ChangeRequest, state chan<- svc.Status) (bool, uint32) {
	state <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	s.code = attend(func(ctx context.Context) int { return execute(ctx, s.w, s.args) }, asked, func(r svc.ChangeRequest) bool {
		switch r.Cmd {
		case svc.Interrogate:
			state <- r.CurrentStatus
		case svc.Stop, svc.Shutdown:
			state <- svc.Status{State: svc.StopPending, WaitHint: uint32(stopWait.Milliseconds())}
			return true
		}
		return false
	})
	return serviceEnd(s.code)
}

// manager is the service manager of Windows.
type manager struct{ *mgr.Mgr }

func openServices() (serviceManager, error) {
	m, err := mgr.Connect()
	return manager{m}, managerSaid(err)
}

func (m manager) Close() error { return m.Disconnect() }

func (m manager) Create(program string, args []string) error {
	s, err := m.CreateService(serviceName, program, mgr.Config{
		DisplayName: "Vardar node", Description: "Exchanges signed records between institutions.",
		StartType: mgr.StartAutomatic, DelayedAutoStart: true, ServiceStartName: serviceAccount,
	}, args...)
	if err != nil {
		return managerSaid(err)
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
	return nil
}

// of calls the service.
func (m manager) of(call func(*mgr.Service) error) error {
	s, err := m.OpenService(serviceName)
	if err != nil {
		return managerSaid(err)
	}
	defer func() { _ = s.Close() }()
	return managerSaid(call(s))
}

func (m manager) Stop() error {
	return m.of(func(s *mgr.Service) error {
		_, err := s.Control(svc.Stop)
		if errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
			return nil
		}
		return err
	})
}

func (m manager) Stopped() (stopped bool, err error) {
	err = m.of(func(s *mgr.Service) error {
		state, err := s.Query()
		stopped = state.State == svc.Stopped
		return err
	})
	return stopped, err
}

func (m manager) Delete() error {
	return m.of(func(s *mgr.Service) error { return errors.Join(s.Delete(), eventlog.Remove(serviceName)) })
}

// managerSaid gives what Windows says no with in the words of service.go.
func managerSaid(err error) error {
	for no, word := range map[error]error{
		windows.ERROR_SERVICE_EXISTS: errServiceThere, windows.ERROR_SERVICE_DOES_NOT_EXIST: errNoSuchService, windows.ERROR_ACCESS_DENIED: errAdministrators,
	} {
		if errors.Is(err, no) {
			return errors.Join(word, err)
		}
	}
	return err
}
