import { useState } from 'react'

/** The address of this page as a QR code. */
export function OtherDevices() {
  const [image, setImage] = useState<string | null>(null)
  const toggle = async () => {
    if (image) return setImage(null)
    const { default: QRCode } = await import('qrcode')
    const svg = await QRCode.toString(window.location.href, { type: 'svg', margin: 4 })
    setImage(`data:image/svg+xml,${encodeURIComponent(svg)}`)
  }
  return (
    <>
      <button type="button" aria-expanded={image !== null} onClick={() => void toggle()}>
        Other devices
      </button>
      {image ? (
        <figure>
          <img src={image} width={240} height={240} alt="QR code of this page's address" />
          <figcaption>Scan it with another phone’s camera, and sign in there.</figcaption>
        </figure>
      ) : null}
    </>
  )
}
