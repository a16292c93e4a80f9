import type { ApplicationAction } from '../scenario/actions.js'
import type { OpenOrder, WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'

type Decision = ApplicationAction['decision']

/** The organizer of a listing, or an applicant, decides about an application. */
export function decideApplication(
  world: World,
  { listing: index, application: position, decision }: ApplicationAction,
): void {
  const listing = world.listings[index]
  const application = listing?.applicants[Math.floor(position * listing.applicants.length)]
  if (listing && application) decide(world, listing, application, decision)
}

/** No application waits for ever. */
export function decideApplications(world: World): void {
  for (const listing of world.listings) {
    const first = () => listing.applicants[0]
    for (let application = first(); application; application = first()) {
      if (!decide(world, listing, application, 'approve')) decide(world, listing, application, 'decline')
    }
  }
}

/** False: it still waits. */
function decide(world: World, listing: WorldListing, application: OpenOrder, decision: Decision): boolean {
  const { applicants, platform, index } = listing
  const isDone = attempt(world, listing, application, decision)
  world.changed(platform)
  world.trace.add(`${decision} ${application.orderId} of ${platform} listing ${index}: ${isDone ? 'done' : 'refused'}`)
  if (isDone) applicants.splice(applicants.indexOf(application), 1)
  const { capacity, sold, carts } = world.truthOf(listing)
  // Carts that hold seats may still be completed in addition to the one approved.
  const taken = sold + (world.doCartsHoldSeats(listing) ? carts : 0)
  if (isDone && decision === 'overrule' && capacity !== null && taken > capacity) world.excuse(listing)
  return isDone
}

function attempt(world: World, listing: WorldListing, { orderId, tickets }: OpenOrder, decision: Decision): boolean {
  const { listings } = listing.simulator
  const { ref } = listing
  switch (decision) {
    case 'approve':
      return hasRoom(world, listing, tickets) && listings.applications?.approve(ref, orderId) === true
    case 'overrule':
      return listings.applications?.approve(ref, orderId) === true
    case 'decline':
      listings.applications?.decline(ref, orderId)
      return true
    case 'withdraw':
      listings.cancel(ref, orderId)
      return true
  }
}

/** As the organizer sees it: under the cap in force. */
function hasRoom(world: World, listing: WorldListing, tickets: number): boolean {
  const { capacity, sold, carts } = world.truthOf(listing)
  return capacity === null || sold + carts + tickets <= capacity
}
