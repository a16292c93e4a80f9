import { prepareZXingModule } from 'barcode-detector/polyfill'
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'

/** What tickets of ours and of the platforms show. */
const FORMATS = ['qr_code', 'code_128', 'code_39', 'ean_13', 'aztec', 'pdf417', 'data_matrix'] as const

// Ours, not that of a content network.
prepareZXingModule({
  overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasm : prefix + path) },
})

/** The browser's own reader where it has one for all formats, otherwise the library's. */
export function newDetector(): BarcodeDetector {
  return new BarcodeDetector({ formats: [...FORMATS] })
}
