import type { Language } from './language.tsx'

/** What an answer looks, sounds and feels like. */
export type Mood = 'good' | 'warn' | 'bad' | 'ask'

const tones: Readonly<Record<Mood, readonly number[]>> = {
  good: [880, 1320],
  warn: [660, 660],
  bad: [330, 220],
  ask: [520],
}
const shakes: Readonly<Record<Mood, number[]>> = {
  good: [80],
  warn: [60, 60, 60],
  bad: [250, 80, 250],
  ask: [40],
}

let sound: AudioContext | undefined

/** Says an answer to people who are not looking: a tone, a shake, and the words. */
export function signal(mood: Mood, words: string, language: Language): void {
  navigator.vibrate?.(shakes[mood])
  play(tones[mood])
  if (!('speechSynthesis' in globalThis)) return
  const said = new SpeechSynthesisUtterance(words)
  said.lang = language === 'zh' ? 'zh-CN' : 'en'
  speechSynthesis.cancel()
  speechSynthesis.speak(said)
}

function play(notes: readonly number[]): void {
  sound ??= new AudioContext()
  const start = sound.currentTime
  for (const [i, pitch] of notes.entries()) {
    const tone = sound.createOscillator()
    const volume = sound.createGain()
    tone.frequency.value = pitch
    volume.gain.value = 0.15
    tone.connect(volume).connect(sound.destination)
    tone.start(start + i * 0.16)
    tone.stop(start + i * 0.16 + 0.14)
  }
}
