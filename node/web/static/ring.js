// Sounds when something new rings in an open page, once its reader has turned the sound on.
(() => {
  const ring = document.getElementById("ring"), button = document.getElementById("sound");
  if (!ring || !button) return;
  const rang = new Set(JSON.parse(localStorage.getItem("vardar.rang") || "[]"));
  const on = () => localStorage.getItem("vardar.sound") === "on";
  let audio, times = 0;
  const tones = () => {
    audio ||= new AudioContext();
    audio.resume().then(() => {
      for (let i = 0; i < 6; i++) {
        const tone = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + i * 0.5;
        tone.frequency.value = i % 2 ? 660 : 880;
        volume.gain.setValueAtTime(0.3, at);
        volume.gain.exponentialRampToValueAtTime(0.001, at + 0.45);
        tone.connect(volume).connect(audio.destination);
        tone.start(at);
        tone.stop(at + 0.45);
      }
      button.dataset.rang = ++times;
    });
  };
  const look = () => {
    const fresh = [...ring.querySelectorAll("[data-waking]")].map(e => e.dataset.waking).filter(id => !rang.has(id));
    if (!fresh.length || !on()) return;
    fresh.forEach(id => rang.add(id));
    localStorage.setItem("vardar.rang", JSON.stringify([...rang].slice(-100)));
    tones();
  };
  const show = () => button.setAttribute("aria-pressed", on());
  button.addEventListener("click", () => {
    localStorage.setItem("vardar.sound", on() ? "off" : "on");
    show();
    if (on()) tones();
  });
  button.hidden = false;
  show();
  new MutationObserver(look).observe(ring, {childList: true, subtree: true});
  look();
})();
