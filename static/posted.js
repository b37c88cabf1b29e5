// A page that answers a post (another text size, a code shown once) becomes an entry of the history like that of a link:
// going back to it and reloading it ask to send nothing once more.
history.replaceState(history.state, "", location.href);
