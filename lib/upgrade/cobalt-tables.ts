/**
 * The tables that the page's U13 and U17 are about; their columns (`system_number`, `email`,
 * `un_registered_user_id`) are written out in the SQL of lib/on-instance. An application that has no such users sets no
 * `commands.convertUsers`.
 */
export const cobaltTables = {
  unregistered: 'accounts_unregistereduser',
  users: 'accounts_user',
  blocked: 'notifications_unregisteredblockedemail',
  /** The copy's own: the blocked addresses by their person's number. */
  kept: 'upgrade_blocked_email',
} as const;
