import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import QRCode from 'qrcode'
import { temporaryDirectory } from '../servers/directories.js'

const [WIDTH, HEIGHT, FRAMES_PER_SECOND] = [480, 480, 5]
const MARGIN_MODULES = 4
const [WHITE, BLACK, GREY] = [235, 16, 128]

/** Browser flags for a camera that sees a QR code for some seconds, then nothing for as long, again and again. */
export function cameraShowing(text: string, seconds = 3): string[] {
  const path = join(temporaryDirectory(), 'camera.y4m')
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`)
  const colours = Buffer.alloc((WIDTH * HEIGHT) / 2, GREY)
  const frame = (picture: Buffer) => Buffer.concat([Buffer.from('FRAME\n'), picture, colours])
  const shown = frame(pictureOf(text))
  const empty = frame(Buffer.alloc(WIDTH * HEIGHT, WHITE))
  const repeated = (one: Buffer) => Array.from({ length: seconds * FRAMES_PER_SECOND }, () => one)
  writeFileSync(path, Buffer.concat([header, ...repeated(shown), ...repeated(empty)]))
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${path}`,
  ]
}

/** The brightness of each pixel. */
function pictureOf(text: string): Buffer {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
  const scale = Math.floor(WIDTH / (modules.size + 2 * MARGIN_MODULES))
  const picture = Buffer.alloc(WIDTH * HEIGHT, WHITE)
  for (let y = 0; y < modules.size * scale; y++) {
    for (let x = 0; x < modules.size * scale; x++) {
      const isDark = modules.get(Math.floor(y / scale), Math.floor(x / scale))
      if (isDark) picture[(y + MARGIN_MODULES * scale) * WIDTH + x + MARGIN_MODULES * scale] = BLACK
    }
  }
  return picture
}
