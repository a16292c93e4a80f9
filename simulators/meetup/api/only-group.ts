/** The only group; all events are its events. */
export const GROUP = { id: '12345', name: 'Example group', urlname: 'example-group', timezone: 'America/New_York' }
