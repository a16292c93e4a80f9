import { Text } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { Count, count } from '../../ui/count'
import { Figure } from '../../ui/figure'
import { Panel } from '../../ui/panel'
import { StockBar } from './stock-bar'

interface StockPanelProps {
  stock: Schemas['StockDto']
  /** The desired capacity. */
  target: number
}

/** The numbers that matter at the door, large. */
export function StockPanel({ stock, target }: StockPanelProps) {
  const { capacity, sold, held, available, safetyStock, oversold } = stock
  return (
    <Panel title="Stock" asOf={stock.asOf}>
      <div className="figures">
        <div>
          <Text fz={44} fw={800} lh={1.1} data-testid="sold-of-capacity">
            <Count of={sold} />
            <Text span fz={26} fw={500} c="dimmed">
              {' '}
              / <Count of={capacity} />
            </Text>
          </Text>
          <Text size="sm" c="dimmed">
            sold{capacity > 0 ? `, ${Math.floor((sold / capacity) * 100)} %` : ''}
          </Text>
        </div>
        <div className="others">
          <Figure label="held">
            <Count of={held} />
          </Figure>
          <Figure label="available">
            <Count of={available} />
          </Figure>
          <Figure label="safety stock">
            <Count of={safetyStock.remaining} />
            <Text span fz="md" fw={400} c="dimmed">
              {' '}
              / <Count of={safetyStock.total} />
            </Text>
          </Figure>
          {oversold > 0 ? (
            <Figure label="oversold" danger>
              ⚠ <Count of={oversold} />
            </Figure>
          ) : null}
        </div>
      </div>
      <StockBar stock={stock} />
      {safetyStock.freed > 0 ? (
        <Text size="sm" mt="xs">
          {count(safetyStock.freed)} units were freed from the safety stock. They are sold directly; platforms get them
          by a release.
        </Text>
      ) : null}
      {target === capacity ? null : (
        <Text size="sm" mt="xs">
          The capacity becomes {count(target)} as soon as the platforms have confirmed smaller caps.
        </Text>
      )}
    </Panel>
  )
}
