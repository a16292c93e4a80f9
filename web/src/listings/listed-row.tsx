import { Anchor, Button, Text } from '@mantine/core'
import { priceText } from '../ui/price'
import { linkTo } from '../ui/route'
import { isSameChoice, nameOf, overlaps, placeOf, salesText, type Choice, type Listed, type TicketType } from './choice'
import { ListingStart } from './listing-start'

export interface Choosing {
  chosen: readonly Choice[]
  /** No more can be chosen. */
  isFull: boolean
  toggle: (choice: Choice) => void
}

interface ListedRowProps {
  listed: Listed
  choosing: Choosing
  /** Without its ticket types. */
  isShort?: boolean
}

/** One listing, and what of it can be chosen. */
export function ListedRow({ listed, choosing, isShort = false }: ListedRowProps) {
  const { url, eventId, ticketTypes } = listed.listing
  const whole: Choice = { ...listed, type: null }
  return (
    <li>
      <div className="listed-line">
        <div className="wrapped">
          <Text fw={600} size="sm">
            {listed.listing.name}
          </Text>
          <Text size="sm" c="dimmed">
            {placeOf(listed)} · <ListingStart listing={listed.listing} /> · {salesText(whole)}
            {isWebAddress(url) ? (
              <>
                {' · '}
                <Anchor href={url} target="_blank" rel="noreferrer" underline="always" c="inherit" inherit>
                  open
                  <span className="sr-only"> {listed.listing.name} on its platform</span>
                </Anchor>
              </>
            ) : null}
          </Text>
        </div>
        {eventId === null ? (
          <ChooseButton choice={whole} choosing={choosing} />
        ) : (
          <Text size="sm">
            <Anchor href={linkTo('events', eventId)} inherit>
              Already driven by an event
            </Anchor>
          </Text>
        )}
      </div>
      {!isShort && eventId === null && ticketTypes.length > 0 ? (
        <details>
          <summary>Only one of its ticket types ({ticketTypes.length})</summary>
          <ul className="listed">
            {ticketTypes.map((type) => (
              <TypeRow key={type.externalTicketClassId} choice={{ ...listed, type }} type={type} choosing={choosing} />
            ))}
          </ul>
        </details>
      ) : null}
    </li>
  )
}

function TypeRow({ choice, type, choosing }: { choice: Choice; type: TicketType; choosing: Choosing }) {
  const { name, priceCents, currency, hidden } = type
  const price = priceCents === null ? 'price not shown' : priceText(priceCents, currency ?? '')
  return (
    <li className="listed-line">
      <Text size="sm" className="wrapped">
        {name} · {price} · {salesText(choice)}
        {hidden ? ' · hidden from buyers' : ''}
      </Text>
      <ChooseButton choice={choice} choosing={choosing} />
    </li>
  )
}

function ChooseButton({ choice, choosing: { chosen, isFull, toggle } }: { choice: Choice; choosing: Choosing }) {
  const isChosen = chosen.some((one) => isSameChoice(one, choice))
  return (
    <Button
      size="xs"
      variant={isChosen ? 'filled' : 'default'}
      aria-label={`${isChosen ? '✓ Chosen:' : 'Choose'} ${nameOf(choice)} on ${placeOf(choice)}`}
      disabled={!isChosen && (isFull || chosen.some((one) => overlaps(one, choice)))}
      onClick={() => toggle(choice)}
    >
      {isChosen ? '✓ Chosen' : 'Choose'}
    </Button>
  )
}

/** A platform's text: it may be no address that a page can be left for. */
function isWebAddress(url: string | null): url is string {
  return url !== null && /^https?:\/\//i.test(url)
}
