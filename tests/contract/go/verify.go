// Verify POLICY FILE... checks proofs (docs/protocol.md §12) with the libraries of others; of each it prints `step N`, the first that fails, or `holds SOURCE ID KIND`.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	tlog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

type object struct { // what is read of any of the files; a time that is nil was not set
	Envelope, Entry, Proof, Policy, Registry, Registry_entry, Registry_proof, Receipt, Snapshot, Payload       string
	Kind, Env, Keyid, Sig, Public, Body, State, Source, Id, Type, Profile, Tlp, Tlp_max, Verdict, Value_sha256 string
	Reg, Version                                                                                               int
	Rt, Not_before, Valid_from                                                                                 time.Time
	Not_after, Valid_to, Retired_at, Compromised_since                                                         *time.Time
	Rights, Lifts                                                                                              []string
	Keys, Bodies, Signatures                                                                                   []object
	Signed                                                                                                     *object
	Documents                                                                                                  map[string]string
}

var failed, quorum, log, names, witnesses, groups = 0, "", note.Verifier(nil), map[uint32]string{}, map[string]note.Verifier{}, map[string][]string{}

func need(holds bool) {
	if !holds {
		panic("it does not hold")
	}
}
func must[T any](v T, err error) T  { need(err == nil); return v }
func hash(parts ...[]byte) string   { return fmt.Sprintf("%x", sha256.Sum256(slices.Concat(parts...))) }
func b64(text string) []byte        { return must(base64.StdEncoding.Strict().DecodeString(text)) }
func read[T any](text string) (v T) { need(json.Unmarshal([]byte(text), &v) == nil); return v }
func over(t *time.Time, no bool, at time.Time) bool {
	return t == nil && no || t != nil && !at.Before(*t)
}
func pae(kind string, text []byte) []byte { // DSSE's encoding before signing
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(text), text)
}
func silenced(keyid string, keys []object, suspended string) bool { // by an officer whose word no row has lifted
	return slices.ContainsFunc(read[[]map[string]json.RawMessage](suspended), func(one map[string]json.RawMessage) bool {
		name := hash(pae("application/vnd.tamani.registry.suspension+json", fmt.Appendf(nil, `{"at":%s,"keyid":%s,"reason":%s}`, one["at"], one["keyid"], one["reason"])))[:16]
		return string(one["keyid"]) == strconv.Quote(keyid) && !slices.ContainsFunc(keys, func(key object) bool { return slices.Contains(key.Lifts, name) })
	})
}
func readPolicy(text string) { // C2SP tlog-policy
	for _, line := range strings.Split(text, "\n") {
		switch words := append(strings.Fields(line), ""); words[0] {
		case "log":
			log = must(note.NewVerifier(words[1]))
		case "witness":
			witnesses[words[1]] = must(fnote.NewVerifierForCosignatureV1(words[2]))
			names[witnesses[words[1]].KeyHash()] = words[1]
		case "group":
			groups[words[1]] = strings.Fields(line)[2:]
		case "quorum":
			quorum = words[1]
		}
	}
}
func enough(name string, held map[string]time.Time) bool {
	members, group := groups[name]
	present := slices.DeleteFunc(slices.Clone(members[min(1, len(members)):]), func(name string) bool { return !enough(name, held) })
	return !held[name].IsZero() || group && len(present) >= must(strconv.Atoi(members[0]))
}
func contains(text, entry string) string { // C2SP tlog-proof: the place, the path, and the signed checkpoint
	head, checkpoint, _ := strings.Cut(text, "\n\n")
	lines, path, tree := strings.Split(head, "\n"), [][]byte{}, tlog.Checkpoint{}
	for _, line := range lines[2:] {
		path = append(path, b64(line))
	}
	_, index := must(tree.Unmarshal([]byte(checkpoint))), must(strconv.ParseUint(strings.TrimPrefix(lines[1], "index "), 10, 63))
	leaf, hasher := rfc6962.DefaultHasher.HashLeaf([]byte(entry)), rfc6962.DefaultHasher
	need(lines[0] == "c2sp.org/tlog-proof@v1" && proof.VerifyInclusion(hasher, index, tree.Size, leaf, path, tree.Hash) == nil)
	return checkpoint
}
func signed(checkpoint string) map[string]time.Time { // by the log and these witnesses, and when
	held, others := map[string]time.Time{}, slices.Collect(maps.Values(witnesses))
	_, _, found, err := tlog.ParseCheckpoint([]byte(checkpoint), log.Name(), log, others...)
	need(err == nil && len(found.UnverifiedSigs) == 0 && !slices.ContainsFunc(found.Sigs, func(sig note.Signature) bool { return len(b64(sig.Base64)) == 0 })) // b64 is stricter than the library
	for _, sig := range found.Sigs {
		held[names[sig.Hash]], _ = fnote.CoSigV1Timestamp(sig) // the log's own has neither name nor time
	}
	return held
}
func verify(content, trusted string) (said string) {
	defer func() { _ = recover() }() // from what does not hold, or is not there: the step is said
	said = "step 0"                  // whole
	whole, sum, _ := strings.Cut(content, ",\n  \"sha256\": ")
	need(sum == fmt.Sprintf("%q\n}\n", hash([]byte(whole))))
	b := read[object](content)
	said = "step 1" // the envelope (DSSE)
	e := read[object](b.Envelope)
	one, form := e.Signatures[0], `{"payloadType":"application/cloudevents+json","payload":"%s","signatures":[{"keyid":"%s","sig":"%s"}]}`
	need(b.Envelope == fmt.Sprintf(form, e.Payload, one.Keyid, one.Sig))
	message, sig := pae("application/cloudevents+json", b64(e.Payload)), b64(one.Sig)
	said = "step 2" // the entry names it
	entry := read[object](b.Entry)
	need((entry.Kind == "event" || entry.Kind == "equivocation") && entry.Env == hash(message, sig)) // a notice; a second content under its id
	said = "step 3" // the policy is the verifier's own
	need(b.Policy == trusted)
	readPolicy(trusted)
	said = "step 4" // inclusion
	checkpoint := contains(b.Proof, b.Entry)
	said = "step 5" // the log's signature, and the witnesses'
	held := signed(checkpoint)
	if promise, rest, _ := strings.Cut(b.Receipt, `,"sig":"`); b.Receipt != "" { // the archive's promise: this value, this place
		r, place := read[object](b.Receipt), fmt.Sprintf(`,"leaf_index":%s,`, strings.Fields(b.Proof)[2])
		need(rest == r.Sig+`"}` && log.Verify(pae("application/vnd.tamani.receipt.v1+json", []byte(promise+"}")), b64(r.Sig)))
		need((r.Verdict == "archived" || r.Verdict == "duplicate") && r.Value_sha256 == hash([]byte(b.Envelope)) && strings.Contains(promise+",", place))
	}
	said = "step 6" // enough of them
	need(enough(quorum, held))
	said = "step 7" // the registry by which the archive judged
	files, about := read[object](b.Registry), read[object](b.Registry_entry)
	version, text, suspended := read[object](files.Snapshot).Signed.Version, files.Documents["registry.json"], files.Documents["suspensions.json"]
	need(about.Kind == "registry" && about.Env == hash([]byte(text+"\x00"+suspended)) && about.Reg == version && entry.Reg == version && enough(quorum, signed(contains(b.Registry_proof, b.Registry_entry))))
	said = "step 8" // the key and the body, at the archive's time
	event, registry, at := read[object](string(b64(e.Payload))), read[object](text), entry.Rt
	key := registry.Keys[slices.IndexFunc(registry.Keys, func(key object) bool { return key.Keyid == one.Keyid })]
	body := registry.Bodies[slices.IndexFunc(registry.Bodies, func(body object) bool { return body.Source == event.Source })]
	public, kind, rights := must(hex.DecodeString(key.Public)), strings.TrimSuffix(strings.TrimPrefix(event.Type, "tamani."), ".v1"), append(key.Rights, "ack:*", "correction:*", "withdrawal:*", "heartbeat:*")
	need(key.Body == body.Source && hash(public) == key.Keyid && ed25519.Verify(public, message, sig) && over(&body.Valid_from, false, at) && !over(body.Valid_to, false, at))
	need(key.State != "suspended" && (key.State == "compromised" || !silenced(key.Keyid, registry.Keys, suspended)) && !over(key.Compromised_since, key.State == "compromised", at) && !over(key.Retired_at, key.State == "retired", at.AddDate(0, 0, -35)) && over(&key.Not_before, false, at) && !over(key.Not_after, false, at))
	need((slices.Contains(rights, kind+":*") || slices.Contains(rights, kind+":"+event.Profile)) && strings.Contains(strings.SplitAfter(" CLEAR GREEN AMBER AMBER+STRICT RED ", " "+key.Tlp_max+" ")[0], " "+event.Tlp+" "))
	maps.DeleteFunc(held, func(_ string, seen time.Time) bool { return !seen.Add(5 * time.Minute).Before(at) })
	need(!enough(quorum, held)) // those who saw it too early to have seen it are not enough by themselves
	return fmt.Sprint("holds ", event.Source, " ", event.Id, " ", entry.Kind)
}
func main() {
	for _, file := range os.Args[2:] {
		said := verify(string(must(os.ReadFile(file))), string(must(os.ReadFile(os.Args[1]))))
		failed |= strings.Count(said[:4], "step")
		fmt.Println(said)
	}
	os.Exit(failed)
}
