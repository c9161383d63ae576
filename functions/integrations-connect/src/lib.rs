//! `/api/plugin-engine/integrations/connect`: completes a connection with the one-time code of a consent.
