// Verify checks a proof (docs/protocol.md) with libraries of others: golang.org/x/mod for notes, transparency-dev for
// cosignatures, checkpoints and Merkle proofs. It prints `step N`, the first that fails, or `holds SOURCE ID`.
package main

import (
	"bytes"
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

type object = map[string]any

var step, quorum = 0, ""
var log note.Verifier
var witnesses, groups = map[string]note.Verifier{}, map[string][]string{}

func need(holds bool) {
	if !holds {
		fmt.Println("step", step)
		os.Exit(1)
	}
}
func must[T any](v T, err error) T { need(err == nil); return v }
func hash(parts ...[]byte) string  { return fmt.Sprintf("%x", sha256.Sum256(bytes.Join(parts, nil))) }
func b64(text string) []byte       { return must(base64.StdEncoding.Strict().DecodeString(text)) }
func read[T any](text any) (v T)   { need(json.Unmarshal([]byte(text.(string)), &v) == nil); return v }

// The instant in a member of a row, or `otherwise` where it has none.
func when(row object, name string, otherwise time.Time) time.Time {
	if text, ok := row[name].(string); ok {
		return must(time.Parse(time.RFC3339, text))
	}
	return otherwise
}
func readPolicy(text string) { // C2SP tlog-policy
	for _, line := range strings.Split(text, "\n") {
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case words[0] == "log":
			log = must(note.NewVerifier(words[1]))
		case words[0] == "witness":
			witnesses[words[1]] = must(fnote.NewVerifierForCosignatureV1(words[2]))
		case words[0] == "group":
			groups[words[1]] = words[2:]
		case words[0] == "quorum":
			quorum = words[1]
		}
	}
}
func enough(name string, held map[string]time.Time) bool {
	members, ok := groups[name]
	if _, seen := held[name]; !ok {
		return seen
	}
	present := slices.DeleteFunc(slices.Clone(members[1:]), func(name string) bool { return !enough(name, held) })
	return len(present) >= must(strconv.Atoi(members[0]))
}
func contains(text any, entry any) string { // C2SP tlog-proof: the place, the path, and the signed checkpoint
	head, checkpoint, _ := strings.Cut(text.(string), "\n\n")
	lines, path, tree := strings.Split(head, "\n"), [][]byte{}, tlog.Checkpoint{}
	need(len(lines) > 1 && lines[0] == "c2sp.org/tlog-proof@v1")
	for _, line := range lines[2:] {
		path = append(path, b64(line))
	}
	must(tree.Unmarshal([]byte(checkpoint)))
	index := must(strconv.ParseUint(strings.TrimPrefix(lines[1], "index "), 10, 63))
	leaf := rfc6962.DefaultHasher.HashLeaf([]byte(entry.(string)))
	need(proof.VerifyInclusion(rfc6962.DefaultHasher, index, tree.Size, leaf, path, tree.Hash) == nil)
	return checkpoint
}
func signed(checkpoint string) map[string]time.Time {
	held := map[string]time.Time{}
	_, _, found, err := tlog.ParseCheckpoint([]byte(checkpoint), log.Name(), log, slices.Collect(maps.Values(witnesses))...)
	need(err == nil && len(found.UnverifiedSigs) == 0)
	for name, verifier := range witnesses {
		its := func(sig note.Signature) bool { return sig.Hash == verifier.KeyHash() }
		if at := slices.IndexFunc(found.Sigs, its); at >= 0 {
			held[name] = must(fnote.CoSigV1Timestamp(found.Sigs[at]))
		}
	}
	return held
}
func find(rows any, name string, value any) object {
	at := slices.IndexFunc(rows.([]any), func(row any) bool { return row.(object)[name] == value })
	need(at >= 0)
	return rows.([]any)[at].(object)
}
func main() {
	defer func() { need(recover() == nil) }() // a member of another form
	content, trusted := must(os.ReadFile(os.Args[1])), must(os.ReadFile(os.Args[2]))
	b := read[object](string(content)) // (0) whole
	need(bytes.HasSuffix(content, fmt.Appendf(nil, ",\n  \"sha256\": \"%s\"\n}\n", hash(content[:max(0, len(content)-83)]))))
	step = 1 // the envelope (DSSE)
	e := read[object](b["envelope"])
	one := e["signatures"].([]any)[0].(object)
	plain := `{"payloadType":"application/cloudevents+json","payload":"%s","signatures":[{"keyid":"%s","sig":"%s"}]}`
	need(fmt.Sprintf(plain, e["payload"], one["keyid"], one["sig"]) == b["envelope"])
	payload, sig := b64(e["payload"].(string)), b64(one["sig"].(string))
	message := fmt.Appendf(nil, "DSSEv1 28 application/cloudevents+json %d %s", len(payload), payload)
	step = 2 // the entry names it
	leaf := read[object](b["entry"])
	need(leaf["kind"] == "event" && leaf["env"] == hash(message, sig))
	step = 3 // the policy is the verifier's own
	need(b["policy"] == string(trusted))
	readPolicy(string(trusted))
	step = 4 // inclusion
	checkpoint := contains(b["proof"], b["entry"])
	step = 5 // the log's signature, and the witnesses'
	held := signed(checkpoint)
	step = 6 // enough of them
	need(enough(quorum, held))
	step = 7 // the registry by which the archive judged
	files, about := read[object](b["registry"]), read[object](b["registry_entry"])
	documents, version := files["documents"].(object), read[object](files["snapshot"])["signed"].(object)["version"]
	text, suspended := documents["registry.json"].(string), documents["suspensions.json"].(string)
	need(about["kind"] == "registry" && about["env"] == hash([]byte(text), []byte{0}, []byte(suspended)))
	need(about["reg"] == version && leaf["reg"] == version)
	need(enough(quorum, signed(contains(b["registry_proof"], b["registry_entry"]))))
	step = 8 // the key and the body, at the archive's time
	event, registry, at := read[object](string(payload)), read[object](text), when(leaf, "rt", time.Time{})
	key := find(registry["keys"], "keyid", one["keyid"])
	body := find(registry["bodies"], "source", event["source"])
	public := must(hex.DecodeString(key["public"].(string)))
	need(key["body"] == event["source"] && len(public) == 32 && hash(public) == key["keyid"])
	need(ed25519.Verify(public, message, sig) && key["state"] == "active" && !strings.Contains(suspended, key["keyid"].(string)))
	need(!at.Before(when(key, "not_before", at)) && at.Before(when(key, "not_after", at.Add(1))))
	need(!at.Before(when(body, "valid_from", at)) && at.Before(when(body, "valid_to", at.Add(1))))
	kind, profile := strings.TrimSuffix(strings.TrimPrefix(event["type"].(string), "tamani."), ".v1"), event["profile"]
	rights, system := key["rights"].([]any), []string{"ack", "correction", "withdrawal", "heartbeat"}
	need(slices.Contains(system, kind) || slices.Contains(rights, any(kind+":*")) || slices.Contains(rights, any(fmt.Sprint(kind, ":", profile))))
	late := func(seen time.Time) bool { return seen.Add(5 * time.Minute).Before(at) }
	need(!slices.ContainsFunc(slices.Collect(maps.Values(held)), late))
	fmt.Println("holds", event["source"], event["id"])
}
