package bench

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// describe says on what was measured, and no more of the machine than that.
func (r *Report) describe(dir string) {
	r.Cores, r.System, r.Files = runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH, fileSystem(dir)
	r.MemoryMiB = procKB("/proc/meminfo", "MemTotal:") >> 10
}

// procKB reads one figure of a file below /proc; 0 if there is none.
func procKB(file, name string) int {
	text, err := os.ReadFile(file) //nolint:gosec // one of two
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		f := strings.Fields(string(line))
		if len(f) >= 2 && f[0] == name {
			n, _ := strconv.Atoi(f[1]) // the kernel writes numbers
			return n
		}
	}
	return 0
}

// fileSystem names the kind of file system that a folder lies on: on one in memory an
// fsync costs nothing, and every figure is another.
func fileSystem(dir string) string {
	text, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "not known"
	}
	kind, longest := "not known", -1
	for line := range bytes.Lines(text) {
		f := strings.Fields(string(line))
		if len(f) < 3 || len(f[1]) <= longest {
			continue
		}
		if f[1] == "/" || dir == f[1] || strings.HasPrefix(dir, f[1]+"/") {
			kind, longest = f[2], len(f[1])
		}
	}
	return kind
}
