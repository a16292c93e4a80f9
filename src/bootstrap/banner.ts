import type { FirstAdmin } from '../accounts/operators/first-admin.service.js'
import type { Config } from '../infrastructure/config/config.js'

export const print = (line: string) => process.stdout.write(`${line}\n`)

/** Addresses and the first login, once the service accepts requests. */
export function printBanner({ http, role }: Config, admin: FirstAdmin | null, demo: boolean): void {
  print('')
  if (role !== 'worker') print(`Traffic Police   ${http.publicUrl}   API ${http.publicUrl}/docs`)
  if (admin)
    print(`Admin            ${admin.email}   ${admin.generated ? `password ${admin.password} (shown only now)` : ''}`)
  if (demo) print('Demo             one event on sale on simulated Meetup, Eventbrite and Luma')
  print('ready')
}
