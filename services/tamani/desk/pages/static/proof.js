// Checks the file that proves a notice, on the reader's own machine: nothing is sent anywhere. The steps are those of the
// command `tamani proof verify`; the registry enclosed is believed because the witnesses saw the archive judge by it.
"use strict";
globalThis.tamaniProof = (() => {
  const MEMBERS = ["envelope", "entry", "proof", "policy", "registry", "registry_entry", "registry_proof"];
  const ENTRY = /^\{"v":1,"kind":"([a-z][a-z-]{0,30})","env":"([0-9a-f]{64})","reg":(0|[1-9]\d{0,15}),"rt":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"\}$/;
  const SYSTEM = ["ack", "correction", "withdrawal", "heartbeat"];
  const TLP = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"];
  const DAY = 86_400_000;
  // y of the points of low order, and their second spellings: a key there would sign anything.
  const LOW = ["00".repeat(32), "01" + "00".repeat(31), "ec" + "ff".repeat(30) + "7f", "ed" + "ff".repeat(30) + "7f",
    "ee" + "ff".repeat(30) + "7f", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"];

  class Refused extends Error {}
  const need = (holds, why) => {
    if (!holds) throw new Refused(why);
  };
  const bytes = (text) => new TextEncoder().encode(text);
  const hex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const same = (a, b) => hex(a) === hex(b);
  const join = (...parts) => {
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) whole.set(part, (at += part.length) - part.length);
    return whole;
  };
  const unbase64 = (text) => {
    let raw;
    try {
      raw = atob(text);
    } catch {
      throw new Refused("base64");
    }
    need(btoa(raw) === text, "base64");
    return Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
  };
  const json = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      throw new Refused("JSON");
    }
  };
  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
  const signed = async (key, sig, message) => {
    const masked = Uint8Array.from(key);
    masked[31] &= 0x7f;
    if (key.length !== 32 || sig.length !== 64 || LOW.includes(hex(masked))) return false;
    const known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, known, sig, message);
  };

  // C2SP signed-note: `name+hint+base64(type, key)`.
  const readKey = async (text, kind) => {
    const [, name, hint, coded] = text.match(/^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/) ?? [];
    need(coded, "key");
    const raw = unbase64(coded);
    const found = hex(await sha256(bytes(name + "\n"), raw)).slice(0, 8);
    need(raw.length === 33 && raw[0] === kind && found === hint, "key");
    return { name, hint, public: raw.slice(1), kind };
  };

  // C2SP tlog-policy.
  const readPolicy = async (text) => {
    const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
    const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
    for (const line of text.split("\n")) {
      const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
      if (!word || word.startsWith("#")) continue;
      if (word === "log" && rest.length <= 2) policy.logs.push(await readKey(rest[0] ?? "", 1));
      else if (word === "witness" && rest.length <= 3 && !known(rest[0])) policy.witnesses.set(rest[0], await readKey(rest[1] ?? "", 4));
      else if (word === "group" && !known(rest[0])) {
        const [name, count, ...members] = rest;
        const threshold = { all: members.length, any: 1 }[count] ?? Number(count);
        need(members.every(known) && new Set(members).size === members.length, "group");
        need(Number.isInteger(threshold) && threshold >= 1 && threshold <= members.length, "group");
        policy.groups.set(name, { threshold, members });
      } else if (word === "quorum" && policy.quorum === null && (rest[0] === "none" || known(rest[0]))) [policy.quorum] = rest;
      else throw new Refused("policy");
    }
    need(policy.quorum !== null, "quorum");
    return policy;
  };
  const enough = (policy, name, held) => {
    if (name === "none") return true;
    const group = policy.groups.get(name);
    if (!group) return held.has(name);
    return group.members.filter((member) => enough(policy, member, held)).length >= group.threshold;
  };

  // C2SP tlog-proof, around a checkpoint in a signed note.
  const readProof = (text) => {
    const cut = text.indexOf("\n\n");
    const [version, place, ...path] = text.slice(0, cut).split("\n");
    need(cut > 0 && version === "c2sp.org/tlog-proof@v1" && /^index (0|[1-9]\d{0,15})$/.test(place), "proof");
    const note = text.slice(cut + 2);
    const end = note.lastIndexOf("\n\n");
    const body = note.slice(0, end + 1);
    const [origin, size, root, rest, ...more] = body.split("\n");
    need(end > 0 && note.endsWith("\n") && /^(0|[1-9]\d{0,15})$/.test(size) && rest === "" && !more.length, "checkpoint");
    const lines = note.slice(end + 2, -1).split("\n").map((line) => {
      const [, name, coded] = line.match(/^— (\S+) (\S+)$/) ?? [];
      need(coded, "signature line");
      const raw = unbase64(coded);
      return { name, hint: hex(raw.slice(0, 4)), value: raw.slice(4) };
    });
    return { index: BigInt(place.slice(6)), size: BigInt(size), root: unbase64(root), path: path.map(unbase64), origin, body, lines };
  };
  const isKnown = (policy, proof) => {
    const keys = [...policy.logs, ...policy.witnesses.values()];
    return proof.lines.every((line) => keys.some((key) => key.name === line.name && key.hint === line.hint));
  };

  // RFC 9162 §2.1.3.2.
  const included = async (entry, proof) => {
    let found = await sha256(new Uint8Array([0]), bytes(entry));
    let [place, last] = [proof.index, proof.size - 1n];
    if (place > last || proof.path.some((hash) => hash.length !== 32)) return false;
    for (const hash of proof.path) {
      if (last === 0n) return false;
      if (place & 1n || place === last) {
        found = await sha256(new Uint8Array([1]), hash, found);
        while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
      } else found = await sha256(new Uint8Array([1]), found, hash);
      [place, last] = [place >> 1n, last >> 1n];
    }
    return last === 0n && same(found, proof.root);
  };
  const logSigned = async (policy, proof) => {
    const log = policy.logs.find((key) => key.name === proof.origin);
    const line = log && proof.lines.find((one) => one.name === log.name && one.hint === log.hint);
    need(line, "log unknown");
    need(await signed(log.public, line.value, bytes(proof.body)), "signature of the log");
  };
  // The archive's receipt: signed by the log, for this very value, and of this place.
  const promised = async ({ policy, proof, bundle }) => {
    const log = policy.logs.find((key) => key.name === proof.origin);
    const [, said, sig] = bundle.receipt.match(/^(.*),"sig":"([A-Za-z0-9+/]{86}==)"\}$/s) ?? [];
    need(sig, "receipt");
    const message = bytes(said + "}");
    need(await signed(log.public, unbase64(sig), encoded("application/vnd.tamani.receipt.v1+json", message)), "signature of the receipt");
    const { verdict, value_sha256, leaf_index } = json(bundle.receipt);
    need(verdict === "archived" || verdict === "duplicate", "receipt of another verdict");
    need(value_sha256 === hex(await sha256(bytes(bundle.envelope))), "receipt of another value");
    need(Number.isInteger(leaf_index) && BigInt(leaf_index) === proof.index, "receipt of another place");
  };
  const cosigned = async (policy, proof) => {
    const held = new Map();
    for (const [name, key] of policy.witnesses) {
      const line = proof.lines.find((one) => one.name === key.name && one.hint === key.hint);
      if (!line) continue;
      need(line.value.length === 72, "cosignature");
      const time = new DataView(line.value.buffer, line.value.byteOffset).getBigUint64(0);
      need(await signed(key.public, line.value.slice(8), bytes(`cosignature/v1\ntime ${time}\n${proof.body}`)), "cosignature");
      held.set(name, Number(time) * 1000);
    }
    return held;
  };
  const witnessedAt = (policy, held) => {
    for (const time of [...held.values()].sort((a, b) => a - b)) {
      if (enough(policy, policy.quorum, new Map([...held].filter(([, said]) => said <= time)))) return time;
    }
    return null;
  };

  // DSSE's encoding before signing.
  const encoded = (type, payload) => join(bytes(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload);
  const readEnvelope = (text) => {
    const found = json(text);
    const [one] = found.signatures ?? [];
    need(found.payloadType === "application/cloudevents+json" && one, "envelope");
    const { keyid, sig } = one;
    const plain = { payloadType: found.payloadType, payload: found.payload, signatures: [{ keyid, sig }] };
    need(JSON.stringify(plain) === text, "spelling");
    const payload = unbase64(found.payload);
    return { keyid, sig: unbase64(sig), payload, message: encoded(found.payloadType, payload) };
  };
  const readEntry = (text) => {
    const [, kind, env, reg, rt] = text.match(ENTRY) ?? [];
    need(rt, "entry");
    return { kind, env, reg, rt };
  };

  // What `core.policy.key_state` says of a key at that instant.
  const counts = (row, at) => {
    const since = (moment, always, grace) => (moment ? at >= Date.parse(moment) + grace : always);
    return row.state !== "suspended" && !since(row.compromised_since, row.state === "compromised", 0)
      && !since(row.retired_at, row.state === "retired", 35 * DAY)
      && at >= Date.parse(row.not_before) && (!row.not_after || at < Date.parse(row.not_after));
  };
  // An officer's suspension has a name, the digest of what the officer signed; it stands until some row lifts that name.
  const silenced = async ({ registry, suspended }, keyid) => {
    for (const { at, reason } of suspended.filter((one) => one.keyid === keyid)) {
      const said = bytes(JSON.stringify({ at, keyid, reason }));
      const name = hex(await sha256(encoded("application/vnd.tamani.registry.suspension+json", said))).slice(0, 16);
      if (!registry.keys.some((row) => (row.lifts ?? []).includes(name))) return true;
    }
    return false;
  };
  const mayHaveSaid = async (state) => {
    const { registry, suspended, envelope, leaf } = state;
    const at = Date.parse(leaf.rt);
    const row = registry.keys.find((key) => key.keyid === envelope.keyid);
    need(row && hex(await sha256(unhex(row.public))) === row.keyid, "key unknown");
    need(await signed(unhex(row.public), envelope.sig, envelope.message), "signature");
    const event = json(new TextDecoder("utf-8", { fatal: true }).decode(envelope.payload));
    const body = registry.bodies.find((one) => one.source === event.source);
    need(event.source === row.body && body, "source");
    need(at >= Date.parse(body.valid_from) && (!body.valid_to || at < Date.parse(body.valid_to)), "body");
    need(counts(row, at) && (row.state === "compromised" || !(await silenced(state, row.keyid))), "key not valid");
    const kind = event.type.replace(/^tamani\.|\.v\d+$/g, "");
    need(SYSTEM.includes(kind) || row.rights.includes(`${kind}:*`) || row.rights.includes(`${kind}:${event.profile}`), "right");
    need(TLP.indexOf(event.tlp) >= 0 && TLP.indexOf(event.tlp) <= TLP.indexOf(row.tlp_max ?? "AMBER"), "TLP");
    need(state.witnessed + 5 * 60_000 >= at, "dated after the witnesses");
    return event;
  };

  const STEPS = [
    async (state) => {
      const cut = state.text.lastIndexOf(',\n  "sha256": "');
      const found = json(state.text);
      need(cut > 0 && found !== null && typeof found === "object" && found.v === 1, "form");
      const members = found.receipt === undefined ? MEMBERS : [...MEMBERS, "receipt"];
      state.bundle = Object.fromEntries(members.map((name) => [name, found[name]]));
      need(found.receipt !== "" && Object.values(state.bundle).every((text) => typeof text === "string"), "members");
      const whole = JSON.stringify({ v: 1, ...state.bundle, sha256: found.sha256 }, null, 2) + "\n";
      need(whole === state.text && hex(await sha256(bytes(state.text.slice(0, cut)))) === found.sha256, "altered");
    },
    async (state) => {
      state.envelope = readEnvelope(state.bundle.envelope);
    },
    async (state) => {
      state.leaf = readEntry(state.bundle.entry);
      const env = hex(await sha256(state.envelope.message, state.envelope.sig));
      // A notice, or a second content under the id of one, kept as evidence: whoever shows the verdict says which.
      state.second = state.leaf.kind === "equivocation";
      need((state.leaf.kind === "event" || state.second) && state.leaf.env === env, "another notice");
    },
    async (state) => {
      need(state.trusted === "" || state.trusted === state.bundle.policy, "policy");
      state.policy = await readPolicy(state.bundle.policy);
      [state.proof, state.other] = [readProof(state.bundle.proof), readProof(state.bundle.registry_proof)];
      need(isKnown(state.policy, state.proof) && isKnown(state.policy, state.other), "stranger");
    },
    async (state) => need(await included(state.bundle.entry, state.proof), "not in the log"),
    async (state) => {
      await logSigned(state.policy, state.proof);
      if (state.bundle.receipt !== undefined) await promised(state);
      state.held = await cosigned(state.policy, state.proof);
    },
    async (state) => {
      state.witnessed = witnessedAt(state.policy, state.held);
      need(state.witnessed !== null, "too few witnesses");
    },
    async (state) => {
      const files = json(state.bundle.registry);
      const texts = [files.documents?.["registry.json"], files.documents?.["suspensions.json"]];
      need(texts.every((text) => typeof text === "string"), "registry");
      const leaf = readEntry(state.bundle.registry_entry);
      const env = hex(await sha256(bytes(texts[0]), new Uint8Array(1), bytes(texts[1])));
      const version = String(json(files.snapshot).signed.version);
      need(leaf.kind === "registry" && leaf.env === env && leaf.reg === version, "another registry");
      need(state.leaf.reg === version, "another version");
      need(await included(state.bundle.registry_entry, state.other), "registry not in the log");
      await logSigned(state.policy, state.other);
      need(enough(state.policy, state.policy.quorum, await cosigned(state.policy, state.other)), "registry not attested");
      [state.registry, state.suspended] = texts.map(json);
    },
    async (state) => {
      state.event = await mayHaveSaid(state);
    },
  ];

  // Whether this browser can: Ed25519 came late to some, and only where the page came over https (or from this machine).
  const able = async () => {
    try {
      await crypto.subtle.importKey("raw", unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), { name: "Ed25519" }, false, ["verify"]);
      return true;
    } catch {
      return false;
    }
  };

  // Every step's outcome: true, false, or null where it was not reached. `trusted` is the reader's own policy, or "".
  const prove = async (text, trusted = "") => {
    const state = { text, trusted, steps: [], why: "" };
    for (const step of STEPS) {
      if (state.steps.includes(false)) {
        state.steps.push(null);
        continue;
      }
      try {
        await step(state);
        state.steps.push(true);
      } catch (error) {
        state.steps.push(false);
        state.why = error instanceof Refused ? error.message : String(error);
      }
    }
    return { ...state, holds: state.steps.every(Boolean) };
  };
  return { prove, able, steps: STEPS.length };
})();
