import { Injectable } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'

/** Addresses of places on the page. */
@Injectable()
export class PageLinks {
  private readonly base

  constructor({ http }: Config) {
    this.base = http.publicUrl
  }

  get home(): string {
    return `${this.base}/`
  }

  get alerts(): string {
    return `${this.base}/#/alerts`
  }

  event(id: string): string {
    return `${this.base}/#/events/${encodeURIComponent(id)}`
  }
}
