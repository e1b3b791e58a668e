package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// host is a node in a network namespace of its own.
type host struct {
	id                 protocol.InstitutionID
	dir, space, device string
	address            string
	cmd                *exec.Cmd
	client             *api.Client
	stopped            bool // by SIGSTOP
}

// lab is a network of nodes whose lines and processes can be hurt.
type lab struct {
	t     *testing.T
	dice  *rand.Rand
	hosts []*host // the first is the registrar, whom all the others call
	did   []string

	mu           sync.Mutex // guards acknowledged
	acknowledged []protocol.Name
}

// newLab joins n namespaces by a bridge in one more, and founds a network on them.
func newLab(t *testing.T, n int, dice *rand.Rand) *lab {
	t.Helper()
	name := func(i int) string { return fmt.Sprintf("vt%d-%d", os.Getpid(), i) }
	bridge := name(0)
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	installed(t, "ip", "nft")
	spaces := []string{bridge}
	t.Cleanup(func() {
		for _, space := range spaces {
			_ = exec.CommandContext(context.WithoutCancel(t.Context()), "ip", "netns", "del", space).Run()
		}
	})
	for _, step := range [][]string{
		{"ip", "netns", "add", bridge},
		{"ip", "-n", bridge, "link", "add", "name", "hub", "type", "bridge"},
		{"ip", "-n", bridge, "link", "set", "hub", "up"},
		{"ip", "netns", "exec", bridge, "nft", "list", "ruleset"},
	} {
		if err := system(t, step...); err != nil {
			t.Skipf("no network namespaces here: %v: %v", step, err)
		}
	}
	l, base := &lab{t: t, dice: dice}, folder(t)
	for i := range n {
		h := &host{id: "mk.national.crisis-centre", dir: filepath.Join(base, fmt.Sprint(i)), space: name(i + 1), device: fmt.Sprintf("v%d", i), address: fmt.Sprintf("10.77.0.%d", i+1)}
		if i > 0 {
			h.id = protocol.InstitutionID(fmt.Sprintf("mk.southeast.town%d", i))
		}
		spaces = append(spaces, h.space)
		l.hosts = append(l.hosts, h)
		for _, step := range [][]string{
			{"ip", "netns", "add", h.space},
			{"ip", "-n", bridge, "link", "add", h.device, "type", "veth", "peer", "name", "eth0", "netns", h.space},
			{"ip", "-n", bridge, "link", "set", h.device, "master", "hub", "up"},
			{"ip", "-n", h.space, "link", "set", "lo", "up"},
			{"ip", "-n", h.space, "addr", "add", h.address + "/24", "dev", "eth0"},
			{"ip", "-n", h.space, "link", "set", "eth0", "up"},
		} {
			if err := system(t, step...); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.found()
	return l
}

// vardar runs vardar in the host's namespace to its end.
func (l *lab) vardar(h *host, args ...string) []byte {
	l.t.Helper()
	cmd := exec.CommandContext(l.t.Context(), "ip", append([]string{"netns", "exec", h.space, "vardar", "--dir", h.dir}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		l.t.Fatalf("vardar %v: %v\n%s", args, err, out)
	}
	return out
}

func (l *lab) found() {
	first := l.hosts[0]
	l.vardar(first, "init", string(first.id), "--network", "test", "--registrar", "mk.", "--level", "ministry")
	l.start(first)
	for _, h := range l.hosts[1:] {
		var invited struct{ Invitation string }
		if err := json.Unmarshal(l.vardar(first, "member", "invite", string(h.id), "--level", "municipality", "--output", "json"), &invited); err != nil {
			l.t.Fatal(err)
		}
		invitation := h.dir + ".invitation"
		if err := os.WriteFile(invitation, []byte(invited.Invitation), 0o600); err != nil {
			l.t.Fatal(err)
		}
		l.vardar(h, "join", invitation, "--yes")
		l.start(h)
	}
}

// start runs a host's node; start and kill are what happens to its process.
func (l *lab) start(h *host) {
	l.t.Helper()
	h.cmd = exec.CommandContext(context.WithoutCancel(l.t.Context()), "ip", "netns", "exec", h.space, "vardar", "--dir", h.dir, "run", "--listen", h.address+":4222", "--log", "error")
	h.cmd.Stderr = os.Stderr
	out, err := h.cmd.StdoutPipe()
	if err == nil {
		err = h.cmd.Start()
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { l.kill(h) })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		l.t.Fatalf("%s does not start: %q, %v\nafter %s", h.id, line, err, strings.Join(l.did, ", "))
	}
	h.client = api.NewClient(filepath.Join(h.dir, node.SocketName))
}

func (l *lab) kill(h *host) {
	if h.cmd == nil {
		return
	}
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
	h.client.Close()
	h.cmd, h.stopped = nil, false
}

// publish has a host say something; that counts once it was acknowledged.
func (l *lab) publish(h *host) {
	ctx, cancel := context.WithTimeout(l.t.Context(), 20*time.Second)
	defer cancel()
	if p, err := h.client.Publish(ctx, note("x")); err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.acknowledged = append(l.acknowledged, p.Record)
	}
}

// step hurts one host, or lets it say something.
func (l *lab) step() {
	h := l.hosts[l.dice.IntN(len(l.hosts))]
	nft := func(rule string) {
		_ = system(l.t, "ip", "netns", "exec", h.space, "nft", "add table inet cut; add chain inet cut in { type filter hook input priority 0; }; add rule inet cut in "+rule)
	}
	what := []string{"kill", "stop", "cut off", "lossy", "slow", "start"}[l.dice.IntN(6)]
	l.did = append(l.did, what+" "+string(h.id))
	switch what {
	case "kill":
		if h.cmd == nil || h.stopped {
			return
		}
		busy := make(chan struct{})
		go func() { l.publish(h); close(busy) }() // in the middle of which it is killed, or not
		l.publish(h)
		l.kill(h)
		<-busy
	case "stop":
		if h.cmd != nil && !h.stopped {
			h.stopped = h.cmd.Process.Signal(syscall.SIGSTOP) == nil
		}
	case "start":
		if h.stopped {
			_ = h.cmd.Process.Signal(syscall.SIGCONT)
			h.stopped = false
		} else if h.cmd == nil {
			l.start(h)
		}
	case "cut off":
		nft("iifname eth0 drop")
	case "lossy":
		nft(fmt.Sprintf("iifname eth0 numgen random mod 100 < %d drop", 5+l.dice.IntN(30)))
	case "slow":
		_ = system(l.t, "tc", "-n", h.space, "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", "256kbit", "burst", "16k", "latency", "200ms")
	}
	for range 2 {
		if h := l.hosts[l.dice.IntN(len(l.hosts))]; h.cmd != nil && !h.stopped {
			l.publish(h)
		}
	}
}

// heal ends all that step did.
func (l *lab) heal() {
	for _, h := range l.hosts {
		for _, step := range [][]string{
			{"ip", "netns", "exec", h.space, "nft", "flush", "ruleset"},
			{"tc", "-n", h.space, "qdisc", "replace", "dev", "eth0", "root", "pfifo"},
		} {
			if err := system(l.t, step...); err != nil {
				l.t.Fatal(err)
			}
		}
		if h.stopped {
			_ = h.cmd.Process.Signal(syscall.SIGCONT)
			h.stopped = false
		}
		if h.cmd == nil {
			l.start(h)
		}
	}
}

// converge waits until every host holds all that any of them acknowledged, and wants the
// same picture on all.
func (l *lab) converge() {
	l.t.Helper()
	for _, h := range l.hosts {
		for _, n := range l.acknowledged {
			eventually(l.t, fmt.Sprintf("%s holds %s, after %s", h.id, n, strings.Join(l.did, ", ")), func() error {
				_, err := h.client.Record(l.t.Context(), n, protocol.Digest{})
				return err
			})
		}
	}
	eventually(l.t, "all show the same, after "+strings.Join(l.did, ", "), func() error {
		var digests []string
		at := protocol.InstantOf(time.Now()) // one for all: a picture is of an instant
		for _, h := range l.hosts {
			var picture struct{ Digest string }
			text, err := h.client.Picture(l.t.Context(), api.PictureQuery{At: at})
			if err == nil {
				err = json.Unmarshal(text, &picture)
			}
			if err != nil || picture.Digest == "" {
				return fmt.Errorf("picture of %s: %.100s, %w", h.id, text, err)
			}
			digests = append(digests, picture.Digest)
		}
		if len(slices.Compact(slices.Clone(digests))) > 1 {
			return fmt.Errorf("pictures %v", digests)
		}
		return nil
	})
}

// TestNetworkOfProcessesHoldsThroughCutsAndKills: on real lines, with real processes, that
// are cut, lossy, slow, killed and stopped, nothing that was acknowledged is lost, and in the
// end all show the same. VARDAR_NAMESPACES says how many schedules.
func TestNetworkOfProcessesHoldsThroughCutsAndKills(t *testing.T) {
	schedules := campaign(t, "VARDAR_NAMESPACES", 1)
	const first, each = 5, 20 // the seed of the first, and schedules on one network
	for from := 0; from < schedules; from += each {
		seed := uint64(first + from) //nolint:gosec // counted
		dice := rand.New(rand.NewPCG(seed, seed))
		hosts := 7
		if schedules > 1 {
			hosts += dice.IntN(6)
		}
		t.Run(fmt.Sprintf("%d hosts, seed %d", hosts, seed), func(t *testing.T) {
			l := newLab(t, hosts, dice)
			for range min(each, schedules-from) {
				l.did, l.acknowledged = nil, nil
				for range 8 {
					l.step()
				}
				l.heal()
				l.converge()
			}
		})
	}
}
