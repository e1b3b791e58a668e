package bench

import (
	"syscall"
	"time"
)

// spent is the processor time of this process; 0 where the system does not say.
func spent() time.Duration {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	var created, ended, kernel, user syscall.Filetime
	if err := syscall.GetProcessTimes(self, &created, &ended, &kernel, &user); err != nil {
		return 0
	}
	return time.Duration(ticks(kernel) + ticks(user))
}

// ticks gives nanoseconds: the system counts in hundreds.
func ticks(t syscall.Filetime) int64 { return (int64(t.HighDateTime)<<32 + int64(t.LowDateTime)) * 100 }
