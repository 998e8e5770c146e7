/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/source.h"

/* All lines of TEXT, blanks at their start taken away, joined with '|'. */
static const char *expand(const char *text, struct diag_list *diags)
{
	static char buf[4096];
	const struct conf_load_options options = { .config_id = "left" };
	struct source *s = source_new(&options);
	struct source_line line;
	size_t used = 0;

	buf[0] = '\0';
	assert_int_equal(
		source_open_text(s, "t.conf", text, strlen(text), diags), 0);
	while (source_next(s, &line) && used < sizeof(buf)) {
		while (line.len && *line.text == ' ') {
			line.text++;
			line.len--;
		}
		used += (size_t)snprintf(buf + used, sizeof(buf) - used,
			"%s%.*s", used ? "|" : "", (int)line.len, line.text);
	}
	source_free(s);
	return buf;
}

static void assert_expands(const char *text, const char *expected)
{
	struct diag_list *diags = diag_list_new();

	assert_string_equal(expand(text, diags), expected);
	assert_int_equal(diag_count(diags), 0);
	diag_list_free(diags);
}

static void assert_refused(const char *text, const char *expected)
{
	struct diag_list *diags = diag_list_new();

	assert_string_equal(expand(text, diags), expected);
	assert_int_equal(diag_count(diags), 1);
	assert_int_equal(diag_get(diags, 0)->code, DIAG_DEFINITION);
	diag_list_free(diags);
}

static void test_comments_end_lines_outside_of_quotes(void **state)
{
	(void)state;
	assert_expands("a # b\n!c\nd \"e # f\" ! g\n", "a|d \"e # f\"");
	assert_expands("a \\# b \\! c # d\n", "a # b ! c");
	assert_expands("a \"b \\\" # c\" d\n", "a \"b \\\" # c\" d");
	assert_expands("a 'b # c'\n", "a 'b");
	assert_expands("a ${_HASH} ${_BANG}b\n", "a # !b");
	assert_expands("\xEF\xBB\xBF"
		       "a\r\nb",
		"a|b");
}

static void test_definitions_are_lazy_and_nest(void **state)
{
	(void)state;
	assert_expands("$A=x\na $A\nb ${A}y\n", "a x|b xy");
	assert_expands("$A=$B z\n$B=1\na $A\n$B=2\na $A\n", "a 1 z|a 2 z");
	assert_expands("$A=${B}\n$B=${C}\n$C=c\n${A}\n", "c");
	assert_expands("$A =  x  \n$E=\na ${A}-${E}-\n", "a x--");
	assert_expands("$W=x\n$W y\n", "x y");
	assert_expands("a $UNKNOWN $1 $\n", "a $UNKNOWN $1 $");
}

/* keepalived 2.2.7 takes every one of these that is replaced here. */
static void test_names_are_made_of_others(void **state)
{
	(void)state;
	assert_expands("$N=5\n$P_5=x\na ${P_${N}}\n", "a x");
	assert_expands("$N=5\n$P_5=x\n$P=${P_${N}}\na $P\nb ${P}c\n",
		"a x|b xc");
	assert_expands("$N=P\n$P_5=x\na ${${N}_5} b\n", "a x b");
	assert_expands("$N=5\n$A_5=7\n$B_7=x\na ${B_${A_${N}}}\n", "a x");
	assert_expands("$N=5\n$P_5=x\na $P_${N}\n", "a x");
	assert_expands("$N=7\na ${_RANDOM 7 ${N}} ${_RANDOM ${N} $N}\n",
		"a 7 7");
	assert_expands("$N=5\n$P_5=x\n$M=a ${P_${N}}\\\nb ${P_${N}}\n$M\n",
		"a x|b x");
	assert_expands("$P_1=x\n$P_2=y\n~SEQ(i,2) a ${P_${i}}\n", "a x|a y");
	assert_refused("$N=5\na ${P_${N}} b\n", "a $P_5 b");
	assert_refused("a ${P_${Q_${N}}} b\n", "a $P_$Q_$N b");
	assert_refused("$N=5\n$P_5=x\na ${P_$N} b\n", "a $P_$N b");
	assert_refused("$A=${B_${A}}\na ${B_${A}}\n", "");
	assert_expands("a \"${P_${N}}\"\n", "a \"${P_${N}}\"");
}

static void test_definition_of_several_lines(void **state)
{
	(void)state;
	assert_expands("$M=a { \\\n  b \\\n }\nx $M\ny\n", "x a {|b|}|y");
	assert_expands("$N=1\\\n2\n$M=a\\\n$N\\\nb\n$M\nend\n", "a|1|2|b|end");
	assert_refused("$M=a\\\nb\nx ${M} y\n", "x ${M} y");
}

static void test_conditions_choose_lines(void **state)
{
	(void)state;
	assert_expands("@left a\n@right b\n@^left c\n@^right d\n", "a|d");
	assert_expands("$L=@left\n$L x\n$L y\n", "x|y");
	assert_expands("@right $A=1\n@left $A=2\na ${A}\n", "a 2");
	assert_expands("a ${_INSTANCE}\n", "a left");
}

static void test_sequences_of_numbers(void **state)
{
	(void)state;
	assert_expands("~SEQ(i, 3) a $i\n", "a 1|a 2|a 3");
	assert_expands("~SEQ(i,2,4) a${i}b\n~SEQ(i,1) c$i\n", "a2b|a3b|a4b|c1");
	assert_expands("~SEQ(i,10,-5,0) $i\n", "10|5|0");
	assert_expands("~SEQx(i,8,0x0b) $i\n", "8|9|a|b");
	assert_expands(
		"$N=2\n~SEQ(i,$N) ~SEQ(j,3,4) $i $j\n", "1 3|1 4|2 3|2 4");
	assert_expands("$M=a $i\\\nb $i\n~SEQ(i,2) $M\n", "a 1|b 1|a 2|b 2");
}

static void test_sequences_of_values(void **state)
{
	(void)state;
	assert_expands("~LST(v, x,y , z) a $v\n", "a x|a y|a z");
	assert_expands("~LST({a,b},{1,2},{3,4}) ${a}-$b\n", "1-2|3-4");
}

static void test_wrong_definitions_are_named(void **state)
{
	(void)state;
	assert_refused("a ${NOT} b\n", "a $NOT b");
	assert_refused("$A=$A x\ny\n$A\nz\n", "y|z");
	assert_refused("~SEQ(i) x\ny\n", "y");
	assert_refused("~SEQ(i,1,0,3) x\n", "");
	assert_refused("~SEQ(i,3,1,1) x\n", "");
	assert_refused("~SEQx(i,-3) x\n", "");
	assert_refused("~SEQ(i,2)\n", "");
	assert_refused("~LST({a,b},{1}) x\n", "");
	assert_refused("$i=1\n~SEQ(i,2) x\n", "");
}

static void test_columns_are_those_of_the_file(void **state)
{
	const char *text = "$A=long value\n  x $A y\n";
	struct diag_list *diags = diag_list_new();
	struct source *s = source_new(NULL);
	struct source_line line;

	(void)state;
	source_open_text(s, "t.conf", text, strlen(text), diags);
	assert_true(source_next(s, &line));
	assert_int_equal(line.len, strlen("x long value y"));
	assert_int_equal(source_place(s, &line, 0, 1).column, 3);
	assert_int_equal(source_place(s, &line, 2, 4).column, 5);
	assert_int_equal(source_place(s, &line, 7, 5).column, 5);
	assert_int_equal(source_place(s, &line, 13, 1).column, 8);
	assert_int_equal(source_place(s, &line, 13, 1).line, 2);
	source_free(s);
	diag_list_free(diags);
}

/* Each line doubles what the one before makes: 2^40 lines in all. */
static void test_growth_without_end_is_refused(void **state)
{
	struct diag_list *diags = diag_list_new();
	struct source *s = source_new(NULL);
	struct source_line line;
	char text[4096] = "$A0=x\n";
	size_t n = 0;

	(void)state;
	for (int i = 1; i <= 40; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"$A%d=$A%d\\\n$A%d\n", i, i - 1, i - 1);
	strcat(text, "$A40\n");
	source_open_text(s, "t.conf", text, strlen(text), diags);
	while (source_next(s, &line))
		n++;
	assert_true(n < 3000000);
	assert_true(diag_has_code(diags, DIAG_TOO_LARGE));
	source_free(s);
	diag_list_free(diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comments_end_lines_outside_of_quotes),
		cmocka_unit_test(test_definitions_are_lazy_and_nest),
		cmocka_unit_test(test_names_are_made_of_others),
		cmocka_unit_test(test_definition_of_several_lines),
		cmocka_unit_test(test_conditions_choose_lines),
		cmocka_unit_test(test_sequences_of_numbers),
		cmocka_unit_test(test_sequences_of_values),
		cmocka_unit_test(test_wrong_definitions_are_named),
		cmocka_unit_test(test_columns_are_those_of_the_file),
		cmocka_unit_test(test_growth_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
