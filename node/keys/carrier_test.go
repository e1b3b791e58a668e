package keys_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// firstTrust signs the first record of Gevgelija's trust feed; it is not on the carrier yet.
func firstTrust(t testing.TB, s *keys.Safe) protocol.Record {
	t.Helper()
	r := newRecord(gevgelija, protocol.Trust, 1, protocol.DigestOf([]byte("opener")))
	if err := s.SignRecord(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// trustChain writes n records into Gevgelija's trust feed, the carrier first.
func trustChain(t testing.TB, s *keys.Safe, n int) []protocol.Record {
	t.Helper()
	chain, next := []protocol.Record{}, firstTrust(t, s)
	for {
		if err := s.AppendTrust(next); err != nil {
			t.Fatal(err)
		}
		chain = append(chain, next)
		if len(chain) == n {
			return chain
		}
		next = newRecord(gevgelija, protocol.Trust, uint32(len(chain)+1), next.Digest())
		if err := s.SignRecord(t.Context(), &next); err != nil {
			t.Fatal(err)
		}
	}
}

func feed(t testing.TB, s *keys.Safe, id protocol.InstitutionID) ([]protocol.Digest, error) {
	t.Helper()
	var digests []protocol.Digest
	for r, err := range s.TrustFeed(id) {
		if err != nil {
			return digests, err
		}
		digests = append(digests, r.Digest())
	}
	return digests, nil
}

func digestsOf(records []protocol.Record) []protocol.Digest {
	var digests []protocol.Digest
	for i := range records {
		digests = append(digests, records[i].Digest())
	}
	return digests
}

func TestTrustFeedSurvivesTheNode(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	if got, err := feed(t, s, gevgelija); err != nil || len(got) != 0 {
		t.Errorf("a new feed holds %d records, %v", len(got), err)
	}
	chain := trustChain(t, s, 3)
	got, err := feed(t, open(t, o), gevgelija)
	if want := digestsOf(chain); err != nil || !slices.Equal(got, want) {
		t.Errorf("TrustFeed() = %v, %v, want %v", got, err, want)
	}
	for r, err := range open(t, o).TrustFeed(gevgelija) {
		if err != nil || string(r.Body) != string(chain[0].Body) {
			t.Errorf("body came back as %q, %v, want %q", r.Body, err, chain[0].Body)
		}
		break // is safe
	}
	if _, err := feed(t, s, idomeni); !errors.Is(err, keys.ErrNotHosted) {
		t.Errorf("TrustFeed() of a stranger = %v, want ErrNotHosted", err)
	}
}

func TestTrustFeedIsNeverForked(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	chain := trustChain(t, s, 3)
	next := func(epoch, sequence uint32, previous protocol.Digest) *protocol.Record {
		r := newRecord(gevgelija, protocol.Trust, sequence, previous)
		r.Epoch, r.Time = epoch, r.Time+1
		return &r
	}
	tests := []struct {
		name string
		r    *protocol.Record
		want error
	}{
		{"at a position that is written", next(1, 3, chain[1].Digest()), keys.ErrCarrierAhead},
		{"next, on another branch", next(1, 4, chain[1].Digest()), keys.ErrCarrierAhead},
		{"beyond the next", next(1, 5, chain[2].Digest()), keys.ErrCarrierBehind},
		{"the middle of a later epoch", next(2, 2, chain[2].Digest()), keys.ErrCarrierBehind},
		{"the next", next(1, 4, chain[2].Digest()), nil},
		{"the first of a later epoch", next(2, 1, chain[0].Digest()), nil},
	}
	for _, s := range []*keys.Safe{s, open(t, o)} {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := *tt.r
				if err := s.SignRecord(t.Context(), &r); !errors.Is(err, tt.want) {
					t.Errorf("SignRecord(%s) = %v, want %v", r.Position, err, tt.want)
				}
			})
		}
	}
	for _, r := range chain {
		if err := s.AppendTrust(r); err != nil {
			t.Errorf("AppendTrust() of what is there = %v", err)
		}
	}
	if got, err := feed(t, s, gevgelija); err != nil || len(got) != 3 {
		t.Errorf("the feed holds %d records, %v, want 3", len(got), err)
	}
	second := next(2, 1, protocol.DigestOf([]byte("opener of 2")))
	if err := errors.Join(s.SignRecord(t.Context(), second), s.AppendTrust(*second)); err != nil {
		t.Fatal(err)
	}
	if err := s.SignRecord(t.Context(), next(1, 4, chain[2].Digest())); !errors.Is(err, keys.ErrCarrierAhead) {
		t.Errorf("SignRecord() in a closed epoch = %v, want ErrCarrierAhead", err)
	}
	if got, err := feed(t, open(t, o), gevgelija); err != nil || len(got) != 4 {
		t.Errorf("the feed holds %d records, %v, want 4", len(got), err)
	}
}

func TestCarrierTakesOnlyWholeTrustRecordsOfItsOwn(t *testing.T) {
	s := create(t, keys.Options{Dir: t.TempDir()})
	good := firstTrust(t, s)
	situation := newRecord(gevgelija, protocol.Situation, 1, protocol.Digest{})
	if err := s.SignRecord(t.Context(), &situation); err != nil {
		t.Fatal(err)
	}
	byOther := good
	byOther.Sign(privateOf(make([]byte, 32)))
	unsigned := good
	unsigned.Signature[0] ^= 1
	tests := []struct {
		name string
		r    protocol.Record
		want error
	}{
		{"another topic", situation, keys.ErrNotTrust},
		{"another key", byOther, keys.ErrNotTrust},
		{"bad signature", unsigned, keys.ErrNotTrust},
		{"without its body", good.WithoutBody(protocol.BodyMissing), keys.ErrNotTrust},
		{"a stranger's", newRecord(idomeni, protocol.Trust, 1, protocol.Digest{}), keys.ErrNotHosted},
		{"a good one", good, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := s.AppendTrust(tt.r); !errors.Is(err, tt.want) {
				t.Errorf("AppendTrust() = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestNodeRunsWithoutItsCarrier(t *testing.T) {
	stick := filepath.Join(t.TempDir(), "stick")
	if err := os.Mkdir(stick, 0o700); err != nil {
		t.Fatal(err)
	}
	o := keys.Options{Dir: t.TempDir(), Identity: filepath.Join(stick, "vardar")}
	s := create(t, o)
	trustChain(t, s, 2)
	identity, _ := s.Public(gevgelija, protocol.UseIdentity)
	if err := os.Rename(stick, stick+"-away"); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*keys.Safe{s, open(t, o)} {
		situation := newRecord(gevgelija, protocol.Situation, 1, protocol.Digest{})
		if err := s.SignRecord(t.Context(), &situation); err != nil {
			t.Errorf("SignRecord() of a report without the stick: %v", err)
		}
		if got, _ := s.Public(gevgelija, protocol.UseIdentity); got != identity {
			t.Errorf("Public(identity) = %s, want %s", got, identity)
		}
		trust := newRecord(gevgelija, protocol.Trust, 3, protocol.Digest{})
		_, feedErr := feed(t, s, gevgelija)
		_, proofErr := s.Proof(gevgelija, protocol.UseIdentity)
		for _, err := range []error{s.SignRecord(t.Context(), &trust), feedErr, proofErr, s.Carrier(gevgelija), s.Add(idomeni)} {
			if !errors.Is(err, keys.ErrNoCarrier) || !strings.Contains(err.Error(), "mend: ") || !strings.Contains(err.Error(), stick) {
				t.Errorf("without the stick: %v, want ErrNoCarrier with the mend", err)
			}
		}
	}
	if err := os.Rename(stick+"-away", stick); err != nil {
		t.Fatal(err)
	}
	if got, err := feed(t, s, gevgelija); err != nil || len(got) != 2 {
		t.Errorf("with the stick back the feed holds %d records, %v, want 2", len(got), err)
	}
	elsewhere := keys.Options{Dir: t.TempDir(), Identity: filepath.Join(stick+"-2", "vardar")}
	if _, err := keys.Create(elsewhere, idomeni); !errors.Is(err, keys.ErrNoCarrier) {
		t.Errorf("Create() without the stick = %v, want ErrNoCarrier", err)
	}
}

func TestPassphraseCarrierIsComplete(t *testing.T) {
	o := keys.Options{Dir: t.TempDir(), Passphrase: saying("quiet river"), WorkFactor: cheapWork}
	create(t, o)
	got := read(t, filepath.Join(o.Dir, "identity", string(gevgelija)+".unlock.age"))
	if want := read(t, filepath.Join(o.Dir, "keys", "unlock.age")); string(got) != string(want) {
		t.Error("the carrier has no copy of the sealed unlock identity")
	}
}

func TestTornEndIsCutAndAllBeforeKept(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	chain := trustChain(t, s, 3)
	path := filepath.Join(o.Dir, "identity", string(gevgelija)+".trust")
	whole := read(t, path)
	entry := 4 + int(binary.BigEndian.Uint32(whole))
	last := whole[:0:0]
	for rest := whole; len(rest) > 0; rest = rest[4+binary.BigEndian.Uint32(rest):] {
		last = rest
	}
	kept := len(whole) - len(last)
	torn := [][]byte{make([]byte, 4096), append(slices.Clone(last[:20]), make([]byte, len(last)-20)...), {0}}
	for n := 1; n < len(last); n += 37 {
		torn = append(torn, last[:n])
	}
	for _, tail := range torn {
		write(t, path, string(whole[:kept])+string(tail))
		log, out := logged()
		o.Logger = log
		s := open(t, o)
		got, err := feed(t, s, gevgelija)
		if err != nil || !slices.Equal(got, digestsOf(chain[:2])) {
			t.Fatalf("after a torn append of %d bytes: %d records, %v, want 2", len(tail), len(got), err)
		}
		if !strings.Contains(out.String(), "torn end of trust feed cut") || !strings.Contains(out.String(), fmt.Sprintf("bytes_cut=%d", len(tail))) {
			t.Errorf("the cut was not said: %q", out)
		}
		if now := read(t, path); len(now) != kept {
			t.Errorf("%d bytes are left, want %d", len(now), kept)
		}
		if err := s.AppendTrust(chain[2]); err != nil {
			t.Fatal(err)
		}
		if now := read(t, path); string(now) != string(whole) {
			t.Error("the append after the cut did not give the file as it was")
		}
	}
	if entry >= len(whole) {
		t.Fatal("three records are one entry")
	}
}

func TestDamageInTheMiddleIsNeverCut(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	chain := trustChain(t, s, 4)
	path := filepath.Join(o.Dir, "identity", string(gevgelija)+".trust")
	whole := read(t, path)
	second := 4 + int(binary.BigEndian.Uint32(whole))
	third := second + 4 + int(binary.BigEndian.Uint32(whole[second:]))
	flip := func(at int, bit byte) []byte {
		text := slices.Clone(whole)
		text[at] ^= bit
		return text
	}
	tests := []struct {
		name string
		text []byte
	}{
		{"length grown", flip(second, 0x01)},
		{"length grown a little", flip(second+2, 0x40)},
		{"length shrunk", flip(second+3, 0x01)},
		{"a bit of a body", flip(third-10, 0x01)},
		{"a bit of the last body", flip(len(whole)-10, 0x01)},
		{"the length of the last", flip(second+2*(third-second)+1, 0x01)},
		{"a record taken out", slices.Concat(whole[:second], whole[third:])},
		{"a record twice", slices.Concat(whole[:third], whole[second:])},
		{"the first taken out", whole[second:]},
		{"a stretch of zeros", slices.Concat(whole[:second], make([]byte, third-second), whole[third:])},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, path, string(tt.text))
			s := open(t, o) // the node runs
			got, err := feed(t, s, gevgelija)
			if !errors.Is(err, keys.ErrCarrierDamaged) || !strings.Contains(err.Error(), path) {
				t.Errorf("TrustFeed() = %d records, %v, want ErrCarrierDamaged naming the file", len(got), err)
			}
			if want := digestsOf(chain); len(got) >= len(want) || !slices.Equal(got, want[:len(got)]) {
				t.Errorf("%d records before the damage, or others than were written", len(got))
			}
			next := newRecord(gevgelija, protocol.Trust, uint32(len(got)+1), protocol.Digest{})
			if err := s.SignRecord(t.Context(), &next); !errors.Is(err, keys.ErrCarrierDamaged) {
				t.Errorf("SignRecord() = %v, want ErrCarrierDamaged", err)
			}
			if now := read(t, path); string(now) != string(tt.text) {
				t.Error("the damaged file was changed")
			}
		})
	}
}

func TestAnotherStickIsNoticed(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	chain := trustChain(t, s, 3)
	path := filepath.Join(o.Dir, "identity", string(gevgelija)+".trust")
	whole := read(t, path)
	write(t, path, string(whole[:4+int(binary.BigEndian.Uint32(whole))]))
	next := newRecord(gevgelija, protocol.Trust, 4, chain[2].Digest())
	if err := s.SignRecord(t.Context(), &next); !errors.Is(err, keys.ErrCarrierBehind) {
		t.Errorf("SignRecord() = %v, want ErrCarrierBehind", err)
	}
	for _, r := range chain {
		if err := s.AppendTrust(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SignRecord(t.Context(), &next); err != nil {
		t.Errorf("SignRecord() once the carrier has what it lacked: %v", err)
	}
}

func FuzzReadTrustFile(f *testing.F) {
	// The same keys in each of the fuzzer's processes, or they would not know each other's finds.
	o := keys.Options{Dir: f.TempDir(), Rand: bytes.NewReader(bytes.Repeat([]byte("seven d"), 60))}
	s := create(f, o)
	chain := trustChain(f, s, 3)
	whole := read(f, filepath.Join(o.Dir, "identity", string(gevgelija)+".trust"))
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(append(slices.Clone(whole), make([]byte, 512)...))
	f.Add([]byte("\x00\x00\x00\x03vf\x01"))
	f.Add([]byte("\xff\xff\xff\xffvf\x01vf\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		records, good, err := keys.ReadTrustFile(gevgelija, data)
		if good < 0 || good > len(data) || err != nil && !errors.Is(err, keys.ErrCarrierDamaged) {
			t.Fatalf("ReadTrustFile() = %d of %d, %v", good, len(data), err)
		}
		for i := range records {
			if records[i].Verify() != nil {
				t.Fatalf("record %d is not signed", i)
			}
		}
		again, stop, err := keys.ReadTrustFile(gevgelija, data[:good])
		if err != nil || stop != good || len(again) != len(records) {
			t.Fatalf("what was kept reads as %d records, %d of %d bytes, %v", len(again), stop, good, err)
		}
		if len(records) > 0 && records[0].Key == chain[0].Key && len(records) > len(chain) {
			t.Fatal("more records than were ever signed")
		}
	})
}
