import { useEffect, useRef, useState } from 'react'
import { newDetector } from './detector'
import { newCodes } from './new-codes'

const EVERY_MS = 120
/** The camera on the back of the phone; enough lines for small barcodes. */
const CONSTRAINTS = { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } }

interface CameraProps {
  onCode: (code: string) => void
  onClose: () => void
}

/** Reads codes from the camera, until it is closed. */
export default function Camera({ onCode, onClose }: CameraProps) {
  const video = useRef<HTMLVideoElement>(null)
  const report = useRef(onCode)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    report.current = onCode
  })
  useEffect(() => {
    const stopped = new AbortController()
    read(video.current, (code) => report.current(code), stopped.signal).catch((error: unknown) => {
      if (!stopped.signal.aborted) setProblem(describe(error))
    })
    return () => stopped.abort()
  }, [])
  return (
    <section className="camera" aria-label="Camera">
      {problem ? (
        <p role="alert" className="problem">
          {problem}
        </p>
      ) : (
        <video ref={video} playsInline muted aria-label="What the camera sees" />
      )}
      <button type="button" onClick={onClose}>
        Close the camera
      </button>
    </section>
  )
}

async function read(
  video: HTMLVideoElement | null,
  onCode: (code: string) => void,
  stopped: AbortSignal,
): Promise<void> {
  if (!video) return
  const stream = await navigator.mediaDevices.getUserMedia({ video: CONSTRAINTS, audio: false })
  const stop = () => {
    for (const track of stream.getTracks()) track.stop()
  }
  if (stopped.aborted) return stop()
  stopped.addEventListener('abort', stop)
  video.srcObject = stream
  await video.play()
  const detector = newDetector()
  const filter = newCodes()
  while (!stopped.aborted) {
    const seen = (await detector.detect(video)).map(({ rawValue }) => rawValue)
    for (const code of filter(seen, performance.now())) onCode(code)
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
}

function describe(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError')
    return 'The camera is not allowed. Allow it for this page in the settings of the browser.'
  if (name === 'NotFoundError') return 'This device has no camera. Search for the name, or type the code.'
  return `The camera cannot be used: ${error instanceof Error ? error.message : String(error)}`
}
