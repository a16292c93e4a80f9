/** What a device knows: check-ins recorded up to an instant (ms), and the fingerprint of the list with them. */
export interface DeviceListVersion {
  recordedUntil: number
  fingerprint: string
}

export const DEVICE_LIST_VERSION = /^(\d{1,15})\.(-?\d{1,30})$/

export function writeVersion({ recordedUntil, fingerprint }: DeviceListVersion): string {
  return `${recordedUntil}.${fingerprint}`
}

/** Null: no version. */
export function readVersion(text: string | undefined): DeviceListVersion | null {
  const [, recordedUntil, fingerprint] = DEVICE_LIST_VERSION.exec(text ?? '') ?? []
  return fingerprint === undefined ? null : { recordedUntil: Number(recordedUntil), fingerprint }
}
