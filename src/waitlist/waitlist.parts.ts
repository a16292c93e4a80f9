import { EntryTokens } from './entry-tokens.js'
import { WaitlistClaims } from './waitlist-claims.js'
import { WaitlistOffers } from './waitlist-offers.js'
import { ClaimPageController } from './claim-page.controller.js'
import { WaitlistController } from './waitlist.controller.js'
import { Waitlist } from './waitlist.js'

/** Waitlist controllers and providers of the sales module. */
export const WAITLIST_CONTROLLERS = [WaitlistController, ClaimPageController]
export const WAITLIST_PROVIDERS = [EntryTokens, Waitlist, WaitlistClaims, WaitlistOffers]
