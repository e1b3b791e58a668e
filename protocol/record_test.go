package protocol_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

const exampleBlock = "ce-specversion: 1.0\r\nce-id: situation.1.1\r\nce-source: /mk.southeast.gevgelija\r\n" +
	"ce-type: vardar.situation.report.v1\r\nce-time: 2016-03-17T09:00:00.000Z\r\ncontent-type: application/json\r\n" +
	"ce-topic: situation\r\nce-epoch: 1\r\nce-sequence: 1\r\n" +
	"ce-previous: sha-256=:rAU+0LpBwfR6/Pd6vAXMETaXAYJQF0BKb3nVqr8B5cM=:\r\nce-handling: TLP:GREEN\r\nce-exercise: 0\r\n" +
	"content-digest: sha-256=:JiQjCJDHTpYupD1cNKWYoF8eudHcOsUew+lkro7q2Pk=:\r\n" +
	"signature-input: vardar=(\"ce-specversion\" \"ce-id\" \"ce-source\" \"ce-type\" \"ce-time\" \"content-type\" \"ce-topic\" \"ce-epoch\" \"ce-sequence\" \"ce-previous\" \"ce-handling\" \"ce-exercise\" \"content-digest\");keyid=\"8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c\";alg=\"ed25519\";tag=\"vardar-record-v1\"\r\n" +
	"signature: vardar=:pzwwqOAtGrj4AAUJUOTm0BJEvrheOS+sC1/PMTUzsKzrC1xQNxY7MRoexymynizgOKaFlUKq4BKN4J9yMJnDCA==:\r\n\r\n"

func exampleKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
}

func exampleRecord() protocol.Record {
	r := protocol.Record{
		Name:     protocol.Name{Institution: "mk.southeast.gevgelija", Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 1}},
		Type:     "vardar.situation.report.v1",
		Time:     1458205200000,
		Previous: protocol.DigestOf([]byte("opener")),
		Handling: protocol.Green,
	}
	r.SetBody([]byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","summary":"quiet"}`))
	r.Sign(exampleKey())
	return r
}

func TestRecordIsWrittenAsTheWireExampleSays(t *testing.T) {
	r := exampleRecord()
	if got := string(r.Block()); got != exampleBlock {
		t.Errorf("Block() =\n%s\nwant\n%s", got, exampleBlock)
	}
	if got := len(r.Block()); got != 830 {
		t.Errorf("block is %d bytes, want 830", got)
	}
	if got := len(r.AppendBase(nil)); got != 726 {
		t.Errorf("signature base is %d bytes, want 726", got)
	}
	if got, want := r.Digest().Hex(), "27a36009d6bc2c6ea5d45ed98ac11d0de224437acef6124557cfc9396ca20425"; got != want {
		t.Errorf("Digest() = %s, want %s", got, want)
	}
	if err := r.Verify(); err != nil {
		t.Errorf("Verify() = %v, want nil", err)
	}
	if err := r.Check(); err != nil {
		t.Errorf("Check() = %v, want nil", err)
	}
}

func TestBlockIsReadBackAsItWasWritten(t *testing.T) {
	want := exampleRecord()
	got, err := protocol.ParseBlock([]byte(exampleBlock))
	if err != nil {
		t.Fatal(err)
	}
	got, err = got.WithBody(want.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Block(), want.Block()) || got.Digest() != want.Digest() {
		t.Errorf("ParseBlock gave another record:\n%s", got.Block())
	}
	if fromNATS, err := protocol.ParseNATS(want.AppendNATS(nil)); err != nil || fromNATS.Digest() != want.Digest() {
		t.Errorf("ParseNATS = %v, %v", fromNATS.Name, err)
	}
}
