import { Anchor, Text } from '@mantine/core'
import { linkTo } from '../ui/route'
import { useAttention } from './sources'

const MOST = 4

/** On every page: what needs a person now. Nothing while there is nothing. */
export function AttentionBar() {
  const items = useAttention()
  if (items.length === 0) return null
  return (
    <nav
      className="attention"
      aria-label="Needs attention"
      data-urgent={items.some(({ urgent }) => urgent) || undefined}
    >
      <Text size="sm" fw={600} component="span">
        Needs you:
      </Text>
      <ul>
        {items.slice(0, MOST).map(({ key, text, href }) => (
          <li key={key}>
            <Anchor size="sm" href={href}>
              {text}
            </Anchor>
          </li>
        ))}
        {items.length > MOST ? (
          <li>
            <Anchor size="sm" href={linkTo()}>
              and {items.length - MOST} more
            </Anchor>
          </li>
        ) : null}
      </ul>
    </nav>
  )
}
