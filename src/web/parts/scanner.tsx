import { useEffect, useRef, useState } from 'react'

import { useLanguage, type Words } from './language.tsx'

const words = {
  torch: { zh: '手电筒', en: 'Torch' },
  turn: { zh: '切换摄像头', en: 'Other camera' },
  zoom: { zh: '放大', en: 'Zoom' },
  denied: {
    zh: '没有摄像头权限。请在浏览器设置中允许，或用扫码枪、数字码。',
    en: 'No camera permission. Allow it in the browser, or use a scanner or digits.',
  },
  view: { zh: '摄像头画面', en: 'Camera picture' },
} satisfies Record<string, Words>

const lookEveryMs = 120

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>
}

/** What cameras can do beyond the standard's own types. */
type CameraSettings = MediaTrackCapabilities & {
  readonly torch?: boolean
  readonly zoom?: { readonly min: number; readonly max: number }
}

/**
 * The camera, which calls `onCode` with each QR code it sees; the same one again only after it was
 * out of sight. Paused, it keeps the camera and looks at nothing.
 */
export function Scanner({
  onCode,
  paused,
}: {
  readonly onCode: (text: string) => void
  readonly paused: boolean
}) {
  const { say } = useLanguage()
  const video = useRef<HTMLVideoElement>(null)
  const seen = useRef('')
  const live = useRef({ onCode, paused })
  live.current = { onCode, paused }
  const [facing, setFacing] = useState<'environment' | 'user'>('environment')
  const [denied, setDenied] = useState(false)
  const [track, setTrack] = useState<MediaStreamTrack>()

  useEffect(() => {
    let over = false
    let stream: MediaStream | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    void (async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          video: { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 720 } },
        })
      } catch {
        return setDenied(true)
      }
      const shown = video.current
      if (over || !shown) return stop(stream)
      setDenied(false)
      shown.srcObject = stream
      await shown.play().catch(() => {})
      setTrack(stream.getVideoTracks()[0])
      const detector = await detectorOf()
      const look = async () => {
        if (over) return
        if (!live.current.paused && shown.readyState >= 2) {
          const [found] = await detector.detect(shown).catch(() => [])
          const text = found?.rawValue ?? ''
          if (text !== '' && text !== seen.current && !live.current.paused) {
            live.current.onCode(text)
          }
          seen.current = text
        }
        timer = setTimeout(look, lookEveryMs)
      }
      await look()
    })()
    return () => {
      over = true
      clearTimeout(timer)
      stop(stream)
    }
  }, [facing])

  return (
    <section className="scanner" aria-label={say(words.view)}>
      {denied && (
        <p className="note bad" role="alert">
          {say(words.denied)}
        </p>
      )}
      <video ref={video} muted playsInline aria-label={say(words.view)} hidden={denied} />
      <div className="bar">
        {track && <Torch track={track} />}
        {track && <Zoom track={track} />}
        <button type="button" onClick={() => setFacing(facing === 'user' ? 'environment' : 'user')}>
          {say(words.turn)}
        </button>
      </div>
    </section>
  )
}

function Torch({ track }: { readonly track: MediaStreamTrack }) {
  const { say } = useLanguage()
  const [on, setOn] = useState(false)
  if (!capabilitiesOf(track).torch) return null
  async function toggle() {
    const wanted = { advanced: [{ torch: !on } as MediaTrackConstraintSet] }
    await track.applyConstraints(wanted).then(
      () => setOn(!on),
      () => {},
    )
  }
  return (
    <button type="button" aria-pressed={on} onClick={toggle}>
      {say(words.torch)}
    </button>
  )
}

function Zoom({ track }: { readonly track: MediaStreamTrack }) {
  const { say } = useLanguage()
  const { zoom } = capabilitiesOf(track)
  if (!zoom || zoom.max <= zoom.min) return null
  return (
    <label>
      {say(words.zoom)}
      <input
        type="range"
        min={zoom.min}
        max={zoom.max}
        step="0.1"
        defaultValue={zoom.min}
        onChange={(event) => {
          const set = { zoom: Number(event.target.value) } as MediaTrackConstraintSet
          track.applyConstraints({ advanced: [set] }).catch(() => {})
        }}
      />
    </label>
  )
}

function capabilitiesOf(track: MediaStreamTrack): CameraSettings {
  return (track.getCapabilities?.() ?? {}) as CameraSettings
}

function stop(stream: MediaStream | undefined): void {
  for (const each of stream?.getTracks() ?? []) each.stop()
}

/** A class of detectors, as the Shape Detection draft has it. */
interface NativeDetector {
  new (options: { formats: string[] }): Detector
  getSupportedFormats(): Promise<readonly string[]>
}

/** The browser's own detector where it reads QR codes; else ours, fetched when it is wanted. */
async function detectorOf(): Promise<Detector> {
  const { BarcodeDetector: native } = globalThis as { BarcodeDetector?: NativeDetector }
  const known = await native?.getSupportedFormats().catch((): readonly string[] => [])
  if (native && known?.includes('qr_code')) return new native({ formats: ['qr_code'] })
  const { makeDetector } = await import('./detector.ts')
  return makeDetector()
}
