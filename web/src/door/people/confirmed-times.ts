import type { Times } from './people'

type Entry = readonly [ticketId: string, at: string]

/** What the service sends of a list: all times (`isWhole`), or those recorded since the version that the device has. */
export interface ListedTimes {
  isWhole: boolean
  times: readonly Entry[]
}

/**
 * When tickets were checked in first, as the service has confirmed it. The check-ins of this device are kept apart from the
 * list until a list requested later has them: one that was taken back in between is in no list.
 */
export class ConfirmedTimes {
  constructor(
    private listed: Times = new Map(),
    private own: Times = new Map(),
  ) {}

  get all(): Times {
    return new Map([...this.listed, ...this.own])
  }

  /** As both constructor arguments take them. */
  get kept(): { times: Entry[]; own: Entry[] } {
    return { times: [...this.listed], own: [...this.own] }
  }

  /** The service's responses to check-ins of this device. */
  confirm(times: readonly Entry[]): void {
    this.own = new Map([...this.own, ...times])
  }

  /** To be called before a list is requested; the function takes the list. */
  expectList(): (list: ListedTimes) => void {
    const before = this.own
    return ({ isWhole, times }) => {
      this.listed = new Map([...(isWhole ? [] : this.listed), ...times])
      this.own = new Map([...this.own].filter(([id, at]) => before.get(id) !== at))
    }
  }
}
