package keys

import "encoding/asn1"

// isCertificate knows a TBSCertificate: one DER sequence and nothing behind it, which
// begins with the version, tagged [0] (RFC 5280 s4.1).
func isCertificate(message []byte) bool {
	var outer, version asn1.RawValue
	rest, err := asn1.Unmarshal(message, &outer)
	if err != nil || len(rest) > 0 || outer.Class != asn1.ClassUniversal || outer.Tag != asn1.TagSequence || !outer.IsCompound {
		return false
	}
	_, err = asn1.Unmarshal(outer.Bytes, &version)
	return err == nil && version.Class == asn1.ClassContextSpecific && version.Tag == 0
}
