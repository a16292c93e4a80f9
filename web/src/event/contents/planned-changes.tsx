import { List } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { channelName } from '../../ui/labels'
import { wordsOf } from './words'

/** What the service and what a person changes on each platform. */
export function PlannedChanges({ title, plan: { channels } }: { title: string; plan: Schemas['PlannedChangesDto'] }) {
  return (
    <List size="sm" aria-label={title}>
      {channels.map((channel) => (
        <List.Item key={channel.channelId}>
          {channelName(channel, channels)}: {channel.written.length > 0 ? wordsOf(channel.written) : 'nothing'}
          {channel.manually.length > 0 ? `; on the platform: ${wordsOf(channel.manually)}` : ''}. {channel.instructions}
        </List.Item>
      ))}
    </List>
  )
}
