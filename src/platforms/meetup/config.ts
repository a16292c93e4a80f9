export const DEFAULT_API_URL = 'https://api.meetup.com/gql-ext'
export const DEFAULT_TOKEN_URL = 'https://secure.meetup.com/oauth2/access'

/** A key pair registered with the OAuth client; acts for the member who owns that client. */
export interface JwtCredentials {
  clientKey: string
  memberId: string
  signingKeyId: string
  /** RSA private key in PEM; `\n` written out is taken as line ends. */
  privateKey: string
  tokenUrl?: string
}

export type MeetupCredentials = { accessToken: string } | JwtCredentials

export interface MeetupConfig {
  apiUrl?: string
  /** Null: the platform is not set up. */
  credentials: MeetupCredentials | null
  /** `whsec_…`; several, comma-separated, while a secret is rotated. Null: every delivery counts as forged. */
  webhookSecret?: string | null
  /**
   * Guests that a member may bring, sent with each limit because Meetup may reset what is left out. Null keeps what the
   * organiser chose. 0 makes heads equal RSVPs, which is the safe choice where the organiser agrees.
   */
  guestLimit?: number | null
  /** The platform's own budget, for its corrections of ours. */
  pointsPerWindow?: number
  /** What one call may cost at most, where the budget is small: pages are made to fit. */
  mostPointsPerCall?: number
}
