package bench

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vardar-network/vardar/protocol"
)

// The plain peer: two NATS servers joined by a leafnode connection over TLS 1.3, the
// stream of one sourced by the other, as NATS documents for streams across a border.
const (
	hubDomain, edgeDomain = "hub", "edge"
	hubStream, edgeStream = "RECORDS", "COPY"
	subjects              = "vardar.v1.>"

	plainWait = 30 * time.Second
	// pubAhead bounds what is published and not yet acknowledged while a stream is filled.
	pubAhead = 4096
)

// plain is one server.
type plain struct {
	server *server.Server
	conn   *nats.Conn
	js     jetstream.JetStream
}

// plainSetup is how a plain peer is set up.
type plainSetup struct {
	always   bool   // an fsync for each message
	compress string // of the leafnode connection; default off, the fastest on a fast line
}

func (p plainSetup) options(dir, name, domain string) *server.Options {
	if p.compress == "" {
		p.compress = server.CompressionOff
	}
	o := &server.Options{
		ServerName: name, Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true,
		JetStream: true, JetStreamDomain: domain, StoreDir: dir, SyncAlways: p.always, MaxPayload: 1 << 20,
	}
	o.LeafNode.Compression.Mode = p.compress
	return o
}

// openHub starts the server that others source from, with a stream that holds records.
func openHub(ctx context.Context, dir string, p plainSetup, records []protocol.Record) (_ *plain, err error) {
	o := p.options(dir, "hub", hubDomain)
	o.LeafNode.Host, o.LeafNode.Port = "127.0.0.1", -1
	if o.LeafNode.TLSConfig, err = selfSigned(); err != nil {
		return nil, err
	}
	o.LeafNode.TLSTimeout = plainWait.Seconds()
	h, err := openPlain(o)
	if err != nil {
		return nil, err
	}
	if _, err = h.js.CreateStream(ctx, jetstream.StreamConfig{Name: hubStream, Subjects: []string{subjects}, Storage: jetstream.FileStorage}); err == nil {
		err = h.fill(ctx, records)
	}
	if err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (p *plain) fill(ctx context.Context, records []protocol.Record) error {
	for i := range records {
		m, err := message(&records[i])
		if err != nil {
			return err
		}
		if _, err := p.js.PublishMsgAsync(m); err != nil {
			return err
		}
	}
	select {
	case <-p.js.PublishAsyncComplete():
	case <-ctx.Done():
		return ctx.Err()
	}
	s, err := p.js.Stream(ctx, hubStream)
	if err != nil {
		return err
	}
	if got := s.CachedInfo().State.Msgs; got < uint64(len(records)) {
		return fmt.Errorf("the plain stream holds %d messages, want %d", got, len(records))
	}
	return nil
}

// message is a record as LOG has it: the same bytes.
func message(r *protocol.Record) (*nats.Msg, error) {
	header, err := nats.DecodeHeadersMsg(r.AppendNATS(nil))
	if err != nil {
		return nil, err
	}
	return &nats.Msg{Subject: protocol.LogSubject(r), Header: header, Data: r.Body}, nil
}

// plainBytes is the length of a record as the peer carries it, uncompressed.
func plainBytes(records []protocol.Record) int {
	n := 0
	var buf []byte
	for i := range records {
		buf = records[i].AppendNATS(buf[:0])
		n += len(buf) + len(records[i].Body)
	}
	return n
}

func openPlain(o *server.Options) (*plain, error) {
	s, err := server.NewServer(o)
	if err != nil {
		return nil, err
	}
	s.Start()
	p := &plain{server: s}
	if !s.ReadyForConnections(plainWait) {
		p.close()
		return nil, errors.New("the plain NATS server does not start")
	}
	if p.conn, err = nats.Connect("", nats.InProcessServer(s)); err == nil {
		p.js, err = jetstream.New(p.conn, jetstream.WithPublishAsyncMaxPending(pubAhead), jetstream.WithDefaultTimeout(plainWait))
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *plain) close() {
	if p.conn != nil {
		p.conn.Close()
	}
	p.server.Shutdown()
	p.server.WaitForShutdown()
}

// leafAddr is where the hub takes leafnodes.
func (p *plain) leafAddr() (string, error) {
	v, err := p.server.Varz(nil)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(v.LeafNode.Port)), nil
}

// openEdge starts the server that takes, joined to the hub at an address.
func openEdge(ctx context.Context, dir, address string, p plainSetup) (*plain, error) {
	o := p.options(dir, "edge", edgeDomain)
	o.LeafNode.Remotes = []*server.RemoteLeafOpts{{
		URLs: []*url.URL{{Scheme: "tls", Host: address}}, TLS: true, TLSTimeout: plainWait.Seconds(),
		TLSConfig:   &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}, //nolint:gosec // the handshake is not what is measured
		Compression: o.LeafNode.Compression,
	}}
	e, err := openPlain(o)
	if err != nil {
		return nil, err
	}
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for e.server.NumLeafNodes() == 0 {
		select {
		case <-again.C:
		case <-ctx.Done():
			e.close()
			return nil, ctx.Err()
		}
	}
	return e, nil
}

// source makes the stream that takes what the hub's holds.
func (p *plain) source(ctx context.Context) error {
	_, err := p.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: edgeStream, Storage: jetstream.FileStorage,
		Sources: []*jetstream.StreamSource{{Name: hubStream, Domain: hubDomain}},
	})
	return err
}

// lookEach is how often is asked how much has come: often enough for a hundredth of the
// shortest trip, rarely enough to cost nothing.
const lookEach = 4 * time.Millisecond

// haul has an edge take all that the hub holds, and says how long its files are.
func (b *bench) haul(ctx context.Context, address string, p plainSetup, want int) (t trip, size int64, err error) {
	dir, err := b.folder("plain")
	if err != nil {
		return t, 0, err
	}
	e, err := openEdge(ctx, dir, address, p)
	if err != nil {
		return t, 0, err
	}
	defer func() {
		e.close()
		if err == nil {
			size, err = treeBytes(filepath.Join(dir, server.JetStreamStoreDir))
		}
		err = errors.Join(err, removeAll(dir))
	}()
	runtime.GC()
	if err = e.source(ctx); err != nil {
		return t, 0, err
	}
	s, err := e.js.Stream(ctx, edgeStream)
	if err != nil {
		return t, 0, err
	}
	again := time.NewTicker(lookEach)
	defer again.Stop()
	changed := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		for {
			select {
			case <-again.C:
			case <-ctx.Done():
				return
			}
			select {
			case changed <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	t, err = watch(ctx, want, changed, func() int {
		i, unknown := s.Info(ctx)
		if unknown != nil {
			return 0
		}
		return int(i.State.Msgs) //nolint:gosec // as many as were put there
	})
	return t, 0, err
}

// selfSigned is TLS 1.3 with an Ed25519 key, as links have it.
func selfSigned() (*tls.Config, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}}, nil
}
