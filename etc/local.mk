# SPDX-License-Identifier: GPL-2.0-or-later
systemdsystemunit_DATA = etc/tandem.service
EXTRA_DIST += etc/tandem.service.in etc/tandem.sysusers etc/tandem.default
dist_doc_DATA = etc/tandem.conf.sample

etc/tandem.service: $(top_srcdir)/etc/tandem.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && \
	sed -e 's|@sbindir[@]|$(sbindir)|' -e 's|@bindir[@]|$(bindir)|' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|' \
		$(top_srcdir)/etc/tandem.service.in > $@.tmp && mv $@.tmp $@
CLEANFILES += etc/tandem.service

# systemd wants the name of the package with ".conf".  The manuals in the tree
# have the usual paths, those that are installed have the configured ones.
install-data-hook: installdirs-local
	$(MKDIR_P) "$(DESTDIR)$(sysusersdir)"
	$(INSTALL_DATA) $(top_srcdir)/etc/tandem.sysusers \
		"$(DESTDIR)$(sysusersdir)/tandem.conf"
	$(MKDIR_P) "$(DESTDIR)$(bashcompletiondir)"
	for name in tandemctl tandemd; do \
		$(INSTALL_DATA) $(top_srcdir)/etc/completion/tandemctl.bash \
			"$(DESTDIR)$(bashcompletiondir)/$$name" || exit 1; \
	done
	for page in $(man1dir)/tandemctl.1 $(man5dir)/tandem.conf.5 \
		$(man8dir)/tandemd.8; do \
		sed -e 's|/etc/tandem/|$(sysconfdir)/tandem/|g' \
			-e 's|/run/tandem|$(runstatedir)/tandem|g' \
			"$(DESTDIR)$$page" > "$(DESTDIR)$$page.tmp" && \
		cat "$(DESTDIR)$$page.tmp" > "$(DESTDIR)$$page" && \
		rm "$(DESTDIR)$$page.tmp" || exit 1; \
	done
# Where the configuration will be; it goes with the rest unless it is used.
installdirs-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/tandem"
uninstall-hook:
	-test ! -d "$(DESTDIR)$(sysconfdir)/tandem" || \
		rmdir "$(DESTDIR)$(sysconfdir)/tandem" 2>/dev/null
	rm -f "$(DESTDIR)$(sysusersdir)/tandem.conf" \
		"$(DESTDIR)$(bashcompletiondir)/tandemctl" \
		"$(DESTDIR)$(bashcompletiondir)/tandemd"

# Colours in vim, made from the keyword tables.
vimsyntaxdir = $(datadir)/vim/vimfiles/syntax
vimftdetectdir = $(datadir)/vim/vimfiles/ftdetect
nodist_vimsyntax_DATA = etc/vim/syntax/tandem.vim
dist_vimftdetect_DATA = etc/vim/ftdetect/tandem.vim
etc/vim/syntax/tandem.vim: ctl/language-tables$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) etc/vim/syntax && \
	ctl/language-tables$(EXEEXT) vim > $@.tmp && mv $@.tmp $@
CLEANFILES += etc/vim/syntax/tandem.vim

# Completion where bash-completion and zsh look for it.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = etc/completion/_tandemctl
EXTRA_DIST += etc/completion/tandemctl.bash
