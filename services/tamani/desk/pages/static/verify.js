// The page around the check: reads what the reader gave, shows what came of each step. It asks nothing of any server.
"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const [form, text, policy, result] = [at("preuve"), at("texte"), at("politique"), at("resultat")];
  if (!form || !globalThis.tamaniProof) return;
  at("sans-script").hidden = true;

  const show = (found) => {
    const verdict = at("verdict");
    verdict.textContent = !found.holds ? verdict.dataset.bad : found.second ? verdict.dataset.second : verdict.dataset.good;
    verdict.className = found.holds ? "good" : "stop";
    result.querySelectorAll(".steps li").forEach((item, number) => {
      const outcome = found.steps[number];
      item.querySelector(".sign").textContent = outcome === null ? item.dataset.unknown : outcome ? item.dataset.good : item.dataset.bad;
      item.querySelector(".bad").hidden = outcome !== false;
    });
    at("raison").textContent = found.why;
    at("faits").hidden = !found.holds;
    if (found.holds) {
      const names = found.registry.bodies.find((body) => body.source === found.event.source).names;
      at("organisme").textContent = `${document.documentElement.lang === "en" ? names.en : names.fr} (${found.event.source})`;
      at("archive").textContent = found.leaf.rt;
      at("temoins").textContent = `${new Date(found.witnessed).toISOString()} (${[...found.held.keys()].join(", ")})`;
      at("titre").textContent = found.event.data?.head?.title ?? "–";
      at("employee").textContent = found.bundle.policy;
    }
    result.hidden = false;
    verdict.tabIndex = -1;
    verdict.focus();
  };

  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    show(await globalThis.tamaniProof.prove(text.value, policy.value));
  });
  at("fichier")?.addEventListener("change", async (change) => {
    text.value = await change.target.files[0].text();
  });
  globalThis.tamaniProof.able().then((able) => {
    at("incapable").hidden = able;
    form.querySelector("button").disabled = !able;
  });
})();
