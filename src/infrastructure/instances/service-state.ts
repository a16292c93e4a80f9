import { Injectable } from '@nestjs/common'

/**
 * Whether this process takes part in the work of the installation. Out of service it still responds to requests and
 * reports the reason, but it holds no lock, processes no job and admits no sale.
 */
@Injectable()
export class ServiceState {
  private reason: string | null = null

  /** Names this instance and its problem; null: in service. */
  get outOfService(): string | null {
    return this.reason
  }

  /** Null puts the instance back into service. */
  takeOut(reason: string | null): void {
    this.reason = reason
  }
}
