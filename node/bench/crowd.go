package bench

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// registrar admits a crowd. Its keys are the benchmark's: thousands are members within
// seconds, each by signed records, and no node writes them one by one.
const registrar protocol.InstitutionID = "mk.national.registrar"

// newCrowd founds a network of one node, source, and so many members, whose trust records
// it holds: admission, link key, and what opens their feeds in topics. It gives their
// first records too.
func (b *bench) newCrowd(ctx context.Context, members int, topics ...protocol.Topic) (*stage, error) {
	st := &stage{pen: newPen(members, 0)}
	var err error
	if st.dir, err = b.folder("crowd"); err != nil {
		return nil, err
	}
	o := node.Options{Dir: filepath.Join(st.dir, string(source)), Version: b.Version}
	r := newAuthor(registrar, st.pen.bytes)
	charter, err := foundAlone(ctx, o, r)
	if err != nil {
		return nil, err
	}
	r.begin(protocol.Trust, charter, r.identity)
	b.tell("  %d institutions are admitted", members)
	var lot []protocol.Record
	for _, m := range st.pen.authors {
		records, refused := st.pen.admit(r, m, charter, topics)
		if refused != nil {
			return nil, refused
		}
		lot = append(lot, records...)
	}
	n, err := b.offstage(ctx, st, source)
	if err != nil {
		return nil, err
	}
	return st, errors.Join(appendAll(ctx, n, lot), n.Close())
}

// foundAlone makes the node of source, in a network whose registrar for mk. is r, and
// gives the digest of its charter.
func foundAlone(ctx context.Context, o node.Options, r *author) (protocol.Digest, error) {
	steward, err := node.MakeKeys(o, source)
	if err != nil {
		return protocol.Digest{}, err
	}
	paper, err := node.FirstCharter(node.CharterChange{
		Network: "bench", Stewards: []node.Founder{steward},
		Registrars: []node.Founder{{Institution: r.id, Key: protocol.KeyOf(r.identity), Proof: r.proof(protocol.UseIdentity, r.identity)}},
		Grant:      map[string]protocol.InstitutionID{"mk.": r.id},
		Expires:    time.Now().AddDate(1, 0, 0).Truncate(time.Second),
	})
	if err == nil {
		_, err = node.SignCharter(ctx, o, source, &paper)
	}
	if err == nil {
		err = node.Found(ctx, o, paper.SignedCharter, node.Opening{Institution: source, Level: body.Ministry})
	}
	return protocol.DigestOf(paper.Document), err
}

// admit writes what makes m a member, and a note in each of its feeds.
func (p *pen) admit(r, m *author, charter protocol.Digest, topics []protocol.Topic) ([]protocol.Record, error) {
	in, err := r.write(p.salt(), &body.Admission{
		Institution: m.id, Level: body.Municipality, FeedEpoch: 1, Charter: charter,
		Key: protocol.KeyOf(m.identity), Proof: m.proof(protocol.UseIdentity, m.identity),
	}, protocol.Trust)
	if err != nil {
		return nil, err
	}
	m.begin(protocol.Trust, in.Digest(), m.identity)
	key, err := m.write(p.salt(), &body.KeyRecord{
		Use: protocol.UseLink, Key: body.KeyText(protocol.KeyOf(m.link).String()), Proof: m.proof(protocol.UseLink, m.link),
	}, protocol.Trust)
	if err != nil {
		return nil, err
	}
	opens, err := m.open(p.salt(), topics...)
	if err != nil {
		return nil, err
	}
	out := append([]protocol.Record{in, key}, opens...)
	for _, topic := range topics {
		r, err := m.write(p.salt(), note(p.rng, topic), topic)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}
